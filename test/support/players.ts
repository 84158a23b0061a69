import type { Page } from 'playwright-core'

/** The built-in page's players: their state, where they are, seconds behind the newest frame, and how many frames they have shown. */
export function readPlayers(page: Page) {
  return page.locator('live-video').evaluateAll(elements =>
    elements.map(element => {
      const video = element.querySelector('video')!
      return {
        state: element.dataset.state,
        currentTime: video.currentTime,
        lag:
          video.buffered.length > 0 ? video.buffered.end(video.buffered.length - 1) - video.currentTime : 0,
        frames: video.getVideoPlaybackQuality().totalVideoFrames,
      }
    }),
  )
}

/** Waits until there are so many players and each has shown twelve frames more than when this was called. */
export async function waitUntilAllPlay(page: Page, count: number): Promise<void> {
  const before = (await readPlayers(page)).map(player => player.frames)
  const deadline = Date.now() + 60_000
  for (;;) {
    const players = await readPlayers(page)
    const playing = players.filter(
      ({ state, frames }, index) => state === 'live' && frames > (before[index] ?? 0) + 12,
    )
    if (players.length === count && playing.length === count) return
    if (Date.now() > deadline) throw new Error(`${count} were to play: ${JSON.stringify(players)}`)
    await page.waitForTimeout(100)
  }
}
