import { setTimeout as sleep } from 'node:timers/promises'
import type { Test } from 'tap'
import { openHlsPlayers, PWA_SETTINGS } from '../test/support/hls-player.ts'
import { percentile } from './load/summary.ts'
import { type RunningServer, runServer } from './process/server.ts'
import { runStandIn } from './process/stand-in.ts'

/**
 * hls.js in Chromium for a minute, alone and nine at once: the first picture, stalls, and how old the picture is that
 * is shown. Wants a machine with nothing else to do: `npm run bench:hls-players`.
 */
const SECONDS = 60
const standIn = await runStandIn({})
const names = Object.keys((await standIn.counts()).streams)

async function play(
  title: string,
  {
    count,
    warm,
    query = '',
    settings = PWA_SETTINGS,
  }: { count: number; warm: boolean; query?: string; settings?: object },
): Promise<void> {
  const server = await runServer(standIn.origin)
  const teardowns: (() => Promise<unknown>)[] = []
  const t = { teardown: (end: () => Promise<unknown>) => teardowns.push(end) } as unknown as Test
  try {
    if (warm) await hold(server)
    const wanted = Array.from({ length: count }, (_, index) => ({
      url: `${server.origin}/api/camera/${names[index % names.length]}/stream.m3u8?token=${server.token}${query}`,
      settings,
    }))
    const players = await openHlsPlayers(t, server.origin, wanted)
    await players.until(({ firstPictureMs }) => firstPictureMs !== undefined)
    const ages: number[] = []
    for (let second = 0; second < SECONDS; second++) {
      await sleep(1000)
      if (second >= 5)
        for (const { ageMs } of await players.figures()) if (ageMs !== undefined) ages.push(ageMs)
    }
    const figures = await players.figures()
    console.log(title, {
      firstPictureMs: figures.map(({ firstPictureMs }) => Math.round(firstPictureMs ?? 0)),
      stalls: figures.map(({ stalls }) => stalls),
      pictureAgeMs: [0.5, 0.95, 1].map(share => Math.round(percentile(ages, share) ?? 0)),
      fatal: figures.flatMap(({ fatal }) => fatal ?? []),
    })
  } finally {
    for (const end of teardowns) await end()
    await server.stop()
  }
}

/** Five seconds before, as the PWA's start-streaming does. */
async function hold({ origin, token }: RunningServer): Promise<void> {
  await fetch(`${origin}/api/cameras/start-streaming`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ cameras: names }),
  })
  await sleep(5000)
}

try {
  await play('plain, warm', { count: 1, warm: true })
  await play('plain, cold', { count: 1, warm: false })
  await play('low latency, warm', {
    count: 1,
    warm: true,
    query: '&ll=1',
    settings: { lowLatencyMode: true },
  })
  await play('plain, nine at once, warm', { count: 9, warm: true })
} finally {
  await standIn.stop()
}
