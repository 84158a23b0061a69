import t, { type Test } from 'tap'
import type { Footage } from '../../demo/footage/footage.ts'
import { bundledStreams } from '../../demo/go2rtc/cameras.ts'
import { startApp } from '../support/app.ts'
import { startGo2rtc } from '../support/go2rtc.ts'
import { openBuiltInPage } from '../support/page.ts'
import { readPlayers, waitUntilAllPlay } from '../support/players.ts'
import { signIn } from '../support/sign-in.ts'
import { until } from '../support/until.ts'

const bundled = bundledStreams()
const CAMERAS = Object.keys(bundled).length

async function startWithCameras(t: Test, streams = bundled) {
  const go2rtc = await startGo2rtc(t, streams)
  const { app, origin } = await startApp(t, { GO2RTC_HOST: go2rtc.origin, FRIGATE_HOST: 'none' })
  return { go2rtc, app, origin }
}

t.test('a person logs in and the wall plays, near the newest frame', async t => {
  const { origin } = await startWithCameras(t)
  const page = await openBuiltInPage(t, origin)
  await waitUntilAllPlay(page, CAMERAS)
  for (const { currentTime, lag } of await readPlayers(page)) {
    t.ok(currentTime > 0)
    t.ok(lag < 3, `${lag} s behind the newest frame`)
  }
})

t.test('nine cameras play at once', async t => {
  const nine = Object.fromEntries(
    Array.from({ length: 9 }, (_, index) => [`camera_${index}`, Object.values(bundled)[index % CAMERAS]!]),
  )
  const { origin } = await startWithCameras(t, nine)
  const page = await openBuiltInPage(t, origin, { viewport: { width: 1280, height: 800 } })
  await waitUntilAllPlay(page, 9)
})

t.test('the wall plays on by itself after go2rtc was killed and started again', async t => {
  const { go2rtc, origin } = await startWithCameras(t)
  const page = await openBuiltInPage(t, origin)
  await waitUntilAllPlay(page, CAMERAS)
  await go2rtc.stop()
  await page.locator('live-video[data-state="stalled"]').first().waitFor()
  await go2rtc.start()
  await waitUntilAllPlay(page, CAMERAS)
})

t.test('a camera that comes back without its sound stands still in the page', async t => {
  const { app, go2rtc, origin } = await startWithCameras(t)
  const page = await openBuiltInPage(t, origin)
  await waitUntilAllPlay(page, CAMERAS)
  await go2rtc.stop()
  const silent = Object.entries(bundled).map(([name, [clip]]) => [name, [withoutSound(clip!)]])
  await startGo2rtc(t, Object.fromEntries(silent), { port: Number(new URL(go2rtc.origin).port) })
  await until(() => [...app.live.hubs()].every(({ media }) => media.init && media.tracks.length === 1))
  // What was buffered before is played first.
  for (let i = 0; i < 4; i++) await waitUntilAllPlay(page, CAMERAS)
})

/** Of a camera whose first track is the picture. */
function withoutSound(footage: Footage): Footage {
  return {
    tracks: footage.tracks.slice(0, 1),
    samples: function* samples() {
      const all = footage.samples()
      for (;;) {
        const { value } = all.next()
        if (value.track === 0) yield value
      }
    },
  }
}

t.test('one camera fills the page, with its figures, and the keys go on and back', async t => {
  const { origin } = await startWithCameras(t)
  const page = await openBuiltInPage(t, origin)
  await waitUntilAllPlay(page, CAMERAS)
  const first = page.getByRole('list', { name: 'Cameras' }).getByRole('link').first()
  const name = await first.locator('.tile-name').innerText()
  await first.focus()
  await page.keyboard.press('ArrowRight')
  await page.keyboard.press('ArrowLeft')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { level: 1, name }).waitFor()
  await waitUntilAllPlay(page, 1)
  await page.getByText(/viewer.* of .*dropped.*behind/).waitFor()
  await page.keyboard.press('m')
  await page.getByRole('button', { name: 'Turn sound off' }).waitFor()
  await page.keyboard.press('Escape')
  await waitUntilAllPlay(page, CAMERAS)
})

t.test('what a user may no longer see ends on the wall and says so', async t => {
  const { origin } = await startWithCameras(t)
  const admin = await signIn(origin)
  const login = { username: 'kim', password: 'Battery-Staple-8' }
  const created = await admin.request('/api/admin/users', { method: 'POST', body: login })
  const { user } = (await created.json()) as { user: { id: number } }
  const page = await openBuiltInPage(t, origin, { login })
  await waitUntilAllPlay(page, CAMERAS)
  const [kept] = Object.keys(bundled)
  await admin.request(`/api/admin/users/${user.id}/cameras`, {
    method: 'PUT',
    body: { mode: 'custom', cameras: [kept] },
  })
  await page
    .locator('live-video[data-state="no-access"]')
    .nth(CAMERAS - 2)
    .waitFor()
  await page.getByText('Not available to you').first().waitFor()
  await page.reload()
  await waitUntilAllPlay(page, 1)
})

t.test('nothing is watched any more once the page is closed', async t => {
  const { app, origin } = await startWithCameras(t)
  const page = await openBuiltInPage(t, origin)
  await waitUntilAllPlay(page, CAMERAS)
  t.equal(app.viewers.size, CAMERAS)
  await page.close()
  await until(() => app.viewers.size === 0)
})

t.test('leaving the wall gives its streams back', async t => {
  const { app, origin } = await startWithCameras(t)
  const page = await openBuiltInPage(t, origin)
  await waitUntilAllPlay(page, CAMERAS)
  await page.getByRole('link', { name: 'Streams' }).click()
  await page.getByRole('row', { name: new RegExp(Object.keys(bundled)[0]!) }).waitFor()
  await until(() => app.viewers.size === 0)
})
