import t from 'tap'
import { openHlsPlayers } from '../support/hls-player.ts'
import { startHouse } from '../support/house.ts'

interface Seen {
  readonly duration: number
  readonly forward: number
  readonly back: number
  readonly width: number
}

/** In the page: goes to the eighth second and plays on there, then back to the second, and to the end. */
const SEEK = `async () => {
  const happens = (video, name) => new Promise(resolve => video.addEventListener(name, resolve, { once: true }))
  const playsAt = async (video, seconds) => {
    const seeked = happens(video, 'seeked')
    video.currentTime = seconds
    await seeked
    while (video.currentTime < seconds + 0.2) await new Promise(resolve => setTimeout(resolve, 20))
    return video.currentTime
  }
  return Promise.all([...document.querySelectorAll('video')].map(async video => {
    const forward = await playsAt(video, 7)
    const back = await playsAt(video, 2)
    const ended = happens(video, 'ended')
    video.currentTime = video.duration - 0.5
    await ended
    return { duration: video.duration, forward, back, width: video.videoWidth }
  }))
}`

for (const [version, segments] of [
  ['0.16', /\.ts$/],
  ['0.17', /\.m4s$/],
] as const)
  t.test(`${version}: hls.js in Chromium does not play a clip or a recording, or cannot seek`, async t => {
    const { origin, admin, frigate } = await startHouse(t, { version })
    const event = frigate.household.events.find(({ camera }) => camera === 'Driveway')!
    const now = Math.floor(Date.now() / 1000)
    const players = await openHlsPlayers(t, origin, [
      { url: `${origin}/api/events/${event.id}/clip.m3u8?token=${admin.token}` },
      {
        url: `${origin}/api/recordings/Driveway/vod.m3u8?after=${now - 60}&before=${now}&token=${admin.token}`,
      },
    ])
    const playing = await players.until(({ time, fatal }) => fatal !== undefined || time > 0.2)
    for (const { fatal } of playing) t.equal(fatal, undefined)
    for (const seen of await players.page.evaluate<Seen[]>(`(${SEEK})()`)) {
      t.ok(Math.abs(seen.duration - 10) < 0.5, `lasts ${seen.duration} s`)
      t.ok(seen.forward >= 7 && seen.forward < 9)
      t.ok(seen.back >= 2 && seen.back < 4)
      t.equal(seen.width, 320)
    }
    t.ok(frigate.seen(segments).length >= 8, 'segments of the kind of this version')
  })
