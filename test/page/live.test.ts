import type { Page } from 'playwright-core'
import t from 'tap'
import { startApp } from '../support/app.ts'
import { startGo2rtc } from '../support/go2rtc.ts'
import { openBuiltInPage } from '../support/page.ts'
import { signIn } from '../support/sign-in.ts'

/** What each player of the page shows: its state, and how far it has come. */
const players = (page: Page) =>
  page.locator('live-video').evaluateAll(elements =>
    elements.map(element => {
      const video = element.querySelector('video')!
      return {
        state: element.dataset.state,
        at: video.currentTime,
        frames: video.getVideoPlaybackQuality().totalVideoFrames,
      }
    }),
  )

/** Waits until every player is live and has shown more frames than before. */
async function allPlay(page: Page, count: number) {
  const before = await players(page)
  await page.waitForFunction(
    ({ count, frames }) => {
      const elements = [...document.querySelectorAll<HTMLElement>('live-video')]
      return (
        elements.length === count &&
        elements.every((element, index) => {
          const shown = element.querySelector('video')!.getVideoPlaybackQuality().totalVideoFrames
          return element.dataset.state === 'live' && shown > (frames[index] ?? 0) + 10
        })
      )
    },
    { count, frames: before.map(player => player.frames) },
    { timeout: 60_000 },
  )
  return before
}

async function startWithCameras(t: Tap, env = {}) {
  const go2rtc = await startGo2rtc(t)
  const { app, origin } = await startApp(t, { GO2RTC_HOST: go2rtc.origin, FRIGATE_HOST: 'none', ...env })
  return { go2rtc, app, origin, cameras: Object.keys(bundledStreams()) }
}
