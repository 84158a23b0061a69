import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Page } from 'playwright-core'
import type { Test } from 'tap'
import { openPage } from '../../test/support/browser.ts'
import { LOW_LATENCY_SETTINGS, openHlsPlayers } from '../../test/support/hls-player.ts'
import type { RunningServer } from '../process/server.ts'
import { COLUMNS, type datedCamera } from './dated-camera.ts'
import { percentile } from './summary.ts'

/** How old a picture is that a page shows. */
export type Ages = Pick<ReturnType<typeof datedCamera>, 'ageMs'>

/** What the players of a page tell of themselves. */
export interface Figures {
  readonly firstPictureMs: number | undefined
  readonly stalls: number
  readonly fatal?: string
  readonly latency?: number
  readonly ageMs?: number
}

/** Pictures count from this second on. */
const FROM_SECOND = 5
const SOURCE = readFileSync(new URL('picture-page.js', import.meta.url), 'utf8')

/** The address of a camera's HLS. */
export function hlsUrl({ origin, token }: RunningServer, name: string, query = ''): string {
  return `${origin}/api/camera/${name}/stream.m3u8?token=${token}${query}`
}

/** A page of the server's own origin for a `<video>` (`picture-page.js`). */
export async function openEmptyPage(t: Test, { origin }: RunningServer): Promise<Page> {
  const page = await openPage(t, { bypassCSP: true })
  await page.goto(`${origin}/health`)
  await page.addScriptTag({ content: SOURCE })
  return page
}

/** The built-in page's player, by WebSocket and Media Source Extensions. */
export async function openWebSocketPage(t: Test, server: RunningServer, name: string): Promise<Page> {
  const page = await openEmptyPage(t, server)
  const url = `${server.origin.replace('http', 'ws')}/api/ws?src=${name}&token=${server.token}`
  await page.evaluate(`playWebSocket(${JSON.stringify(url)})`)
  return page
}

/** hls.js with low latency. */
export async function openLowLatencyPage(t: Test, server: RunningServer, name: string): Promise<Page> {
  const players = [{ url: hlsUrl(server, name, '&ll=1'), settings: LOW_LATENCY_SETTINGS }]
  return (await openHlsPlayers(t, server.origin, players)).page
}

/** Follows the players of a page; ages are those of the first one's pictures, from the fifth second on. */
export async function watch(page: Page, seconds: number, { ageMs }: Ages) {
  await page.addScriptTag({ content: SOURCE })
  await page.evaluate(`watchPictures(${COLUMNS})`)
  const ages: number[] = []
  const latencies: number[] = []
  for (let second = 0; second < seconds; second++) {
    await sleep(1000)
    const pictures = await page.evaluate<[number, number][]>('pictures()')
    if (second < FROM_SECOND) continue
    ages.push(...pictures.map(([frame, at]) => ageMs(frame, at)))
    const [first] = await page.evaluate<Figures[]>('figures()')
    if (first?.latency !== undefined) latencies.push(first.latency * 1000)
  }
  const figures = await page.evaluate<Figures[]>('figures()')
  const all = (of: (one: Figures) => number | undefined) => figures.map(one => Math.round(of(one) ?? -1))
  return {
    firstPictureMs: all(({ firstPictureMs }) => firstPictureMs),
    stalls: all(({ stalls }) => stalls),
    fatal: figures.flatMap(({ fatal }) => fatal ?? []),
    pictures: ages.length,
    pictureAgeMs: distribution(ages),
    ...(latencies.length > 0 ? { behindLiveEdgeMs: distribution(latencies) } : {}),
  }
}

export function distribution(values: readonly number[]) {
  const at = (share: number) => Math.round(percentile(values, share) ?? 0)
  return { p5: at(0.05), p50: at(0.5), p95: at(0.95), max: at(1) }
}

/** Five seconds before, as the PWA's start-streaming does. */
export async function keepWarm({ origin, token }: RunningServer, names: readonly string[]): Promise<void> {
  const reply = await fetch(`${origin}/api/cameras/start-streaming`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ cameras: names }),
  })
  if (reply.status !== 200) throw new Error(`start-streaming answered ${reply.status}`)
  await sleep(5000)
}

/** What is opened meanwhile is closed at the end, as with a test. */
export async function withTest<T>(measure: (t: Test) => Promise<T>): Promise<T> {
  const teardowns: (() => Promise<unknown>)[] = []
  try {
    return await measure({
      teardown: (end: () => Promise<unknown>) => teardowns.push(end),
    } as unknown as Test)
  } finally {
    for (const end of teardowns) await end()
  }
}
