import { setTimeout as sleep } from 'node:timers/promises'
import { runCrowd } from './process/crowd.ts'
import { Sampler } from './process/sampler.ts'
import { type RunningServer, runServer } from './process/server.ts'
import { runStandIn } from './process/stand-in.ts'

/**
 * What is promised of live video, measured with server, cameras and viewers in processes of their own:
 * `npm run bench:live`, or only some of it: `npm run bench:live -- crowd joins thousand`.
 */
const CAMERA = { gop: 2, bitrate: 4_000_000 }
const standIn = await runStandIn({ load: CAMERA })
const direct = webSocket(`${standIn.origin}/api/ws?src=load`)

const measurements: Readonly<Record<string, (server: RunningServer, url: string) => Promise<void>>> = {
  async crowd(server, url) {
    await sleep(2000)
    const idle = new Sampler(server.pid)
    await sleep(3000)
    report('idle, nobody watches (RSS at most 75 MB)', idle.stop())

    const opened = (await standIn.counts()).streams.load?.opened ?? 0
    const crowd = runCrowd({ url, viewers: 100, stalled: 10, seconds: 30, ramp: 5 })
    await crowd.playing()
    const busy = new Sampler(server.pid)
    const summary = await crowd.summary()
    const upstreamConnections = ((await standIn.counts()).streams.load?.opened ?? 0) - opened
    report(
      '100 viewers of one 4 Mbit/s camera, 10 of them stalled (RSS at most 95 MB, one upstream connection)',
      { ...busy.stop(), upstreamConnections, ...summary },
    )
    await crowd.stop()
  },

  async joins(_, url) {
    for (const [title, of] of [
      ['first decodable frame, warm hub, 2 s GOP, 100 joins within 8 s (p95 at most 100 ms)', url],
      ['the same, straight from go2rtc', direct],
    ] as const) {
      const first = runCrowd({ url: of, viewers: 1, seconds: 60 })
      await first.playing()
      await sleep(3000)
      const crowd = runCrowd({ url: of, viewers: 100, seconds: 1, ramp: 8 })
      report(title, (await crowd.summary()).firstFrameMs)
      await first.stop()
    }
  },

  async thousand(server, url) {
    const first = runCrowd({ url, viewers: 1, seconds: 120 })
    await first.playing()
    await sleep(3000)
    const busy = new Sampler(server.pid)
    const crowds = [1, 2].map(() => runCrowd({ url, viewers: 500, seconds: 5, ramp: 1 }))
    for (const crowd of crowds) report('a thousand joins within a second, one half', await crowd.summary())
    report('the server meanwhile', busy.stop())
    report('its own account', await server.get('/api/stream-buffer/status'))
    await first.stop()
  },
}

function webSocket(url: string): string {
  return url.replace(/^http/, 'ws')
}

function report(title: string, figures: Readonly<Record<string, unknown>>): void {
  console.log(`\n${title}`)
  for (const [name, value] of Object.entries(figures)) console.log(`  ${name}: ${JSON.stringify(value)}`)
}

try {
  const chosen = process.argv.slice(2)
  for (const [name, measure] of Object.entries(measurements)) {
    if (chosen.length > 0 && !chosen.includes(name)) continue
    const server = await runServer(standIn.origin)
    try {
      await measure(server, webSocket(`${server.origin}/api/ws?src=load&token=${server.token}`))
    } finally {
      await server.stop()
    }
  }
} finally {
  await standIn.stop()
}
