import { readFileSync } from 'node:fs'
import type { Page } from 'playwright-core'
import type { Test } from 'tap'
import { openPage } from './browser.ts'

/** As the PWA sets up hls.js. */
export const PWA_SETTINGS = { lowLatencyMode: false, backBufferLength: 90 }
/** The same with low latency on, for `?ll=1`. */
export const LOW_LATENCY_SETTINGS = { lowLatencyMode: true, backBufferLength: 90 }

export interface PlayerOptions {
  readonly url: string
  readonly settings?: object
}

export interface PlayerFigures {
  /** From the source being set to the first picture, in milliseconds; undefined before it. */
  readonly firstPictureMs: number | undefined
  /** How often it has stood still for want of data since it began to play. */
  readonly stalls: number
  readonly fatal: string | undefined
  readonly time: number
  readonly frames: number
  /** Behind the end of the playlist, in seconds, as hls.js sees it. */
  readonly latency: number
  /** How long ago what is shown reached the server, in milliseconds, by the playlist's dates. */
  readonly ageMs: number | undefined
  /** When each segment came, by `performance.now()` of the page. */
  readonly loads: readonly number[]
}

/** hls.js in Chromium on a page of the server's own origin; set up as the PWA does, unless told otherwise. */
export async function openHlsPlayers(t: Test, origin: string, players: readonly PlayerOptions[]) {
  const page = await openPage(t, { bypassCSP: true })
  page.setDefaultTimeout(90_000)
  await page.goto(`${origin}/health`)
  const library = readFileSync(new URL('../../node_modules/hls.js/dist/hls.min.js', import.meta.url), 'utf8')
  await page.addScriptTag({ content: library })
  await page.addScriptTag({ content: readFileSync(new URL('hls-player-page.js', import.meta.url), 'utf8') })
  const options = players.map(({ url, settings = PWA_SETTINGS }) => ({ url, settings }))
  await page.evaluate(`play(${JSON.stringify(options)})`)
  return {
    page,
    figures: () => page.evaluate<PlayerFigures[]>('figures()'),
    /** Until `condition` holds for every player. */
    until: (condition: (figures: PlayerFigures, index: number) => boolean, ms = 60_000) =>
      untilAll(page, condition, ms),
  }
}

async function untilAll(
  page: Page,
  condition: (figures: PlayerFigures, index: number) => boolean,
  ms: number,
): Promise<PlayerFigures[]> {
  const end = Date.now() + ms
  for (;;) {
    const all = await page.evaluate<PlayerFigures[]>('figures()')
    if (all.every(condition)) return all
    if (Date.now() > end) throw new Error(`players do not come to it: ${JSON.stringify(all)}`)
    await new Promise(resolve => setTimeout(resolve, 100))
  }
}
