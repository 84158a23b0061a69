import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { openPage } from '../support/browser.ts'
import { startHouse } from '../support/house.ts'
import { until } from '../support/until.ts'

interface Seen {
  readonly duration: number
  readonly forward: number
  readonly back: number
  readonly width: number
}

/** In the page: plays a little, then goes to the eighth second and back to the second. */
const PLAY_AND_SEEK = `async src => {
  const video = document.createElement('video')
  video.muted = true
  document.body.append(video)
  const happens = name => new Promise((resolve, reject) => {
    video.addEventListener(name, resolve, { once: true })
    video.addEventListener('error', () => reject(new Error(video.error.message)), { once: true })
  })
  const showsAt = async seconds => {
    const seeked = happens('seeked')
    video.currentTime = seconds
    await seeked
    return video.currentTime
  }
  video.src = src
  await happens('loadedmetadata')
  await video.play()
  await happens('timeupdate')
  video.pause()
  const forward = await showsAt(8)
  return { duration: video.duration, forward, width: video.videoWidth, back: await showsAt(2) }
}`

for (const version of ['0.14', '0.16'] as const) {
  t.test(`${version}: Chromium plays a clip, and seeks in it both ways`, async t => {
    const folder = mkdtempSync(join(tmpdir(), 'camgate-seek-'))
    t.teardown(() => rmSync(folder, { recursive: true, force: true }))
    const { origin, admin, frigate } = await startHouse(t, { version }, { CLIP_CACHE_PATH: folder })
    const page = await openPage(t)
    await page.goto(`${origin}/`)
    const clip = `${origin}/api/events/${frigate.household.events[1]?.id}/clip.mp4?token=${admin.token}`
    const seen = (await page.evaluate(`(${PLAY_AND_SEEK})(${JSON.stringify(clip)})`)) as Seen
    t.ok(Math.abs(seen.duration - 10) < 0.5, `lasts ${seen.duration} s`)
    t.ok(Math.abs(seen.forward - 8) < 0.1)
    t.ok(Math.abs(seen.back - 2) < 0.1)
    t.equal(seen.width, 320)
    if (version === '0.16') t.equal(frigate.seen(/clip\.mp4/).length, 1, 'one download for all ranges')
  })
}

t.test('a clip or a picture that is opened as an address of its own must be shown', async t => {
  const { origin, admin, frigate } = await startHouse(t, { version: '0.16' })
  const page = await openPage(t)
  const clip = frigate.household.events[1]?.id
  await page.goto(`${origin}/api/events/${clip}/clip.mp4?token=${admin.token}`)
  await page.locator('video').click()
  const played = 'document.querySelector("video").currentTime'
  await until(async () => ((await page.evaluate(played)) as number) > 0.5)
  await page.goto(`${origin}/api/camera/Driveway/snapshot?token=${admin.token}`)
  t.equal(await page.evaluate('document.querySelector("img").naturalWidth'), 320)
})
