import t, { type Test } from 'tap'
import type { FrigateVersion } from '../../demo/frigate/shapes.ts'
import { startApp } from '../support/app.ts'
import { startFrigate } from '../support/frigate.ts'
import { startGo2rtc } from '../support/go2rtc.ts'
import { signIn } from '../support/sign-in.ts'

const VERSIONS: readonly FrigateVersion[] = ['0.14', '0.15', '0.16', '0.17']

async function start(t: Test, version: FrigateVersion = '0.16') {
  const frigate = await startFrigate(t, { version })
  const go2rtc = await startGo2rtc(t)
  const { origin } = await startApp(t, { FRIGATE_HOST: frigate.origin, GO2RTC_HOST: go2rtc.origin })
  return { frigate, go2rtc, origin, ...(await signIn(origin)) }
}

for (const version of VERSIONS) {
  t.test(`${version}: the cameras of the PWA come from the configuration`, async t => {
    const { request } = await start(t, version)
    const reply = await request('/api/cameras')
    t.equal(reply.status, 200)
    const { cameras, stale } = (await reply.json()) as { cameras: { id: string }[]; stale: boolean }
    t.equal(stale, false)
    t.same(
      cameras.map(({ id }) => id),
      ['Front_Door', 'Driveway', 'Nursery'],
    )
    t.same(cameras[0], {
      id: 'Front_Door',
      name: 'Front Door',
      snapshot_url: '/camera/Front_Door/snapshot',
      mp4_url: '/api/camera/Front_Door/stream.mp4',
      hls_url: '/api/camera/Front_Door/stream.m3u8',
      adaptive_urls: {
        mp4: '/api/camera/Front_Door/stream.mp4',
        hls: '/api/camera/Front_Door/stream.m3u8',
      },
    })
    const zones = await request('/api/frigate/cameras')
    const text = await zones.text()
    t.match(JSON.parse(text), { Front_Door: { zones: { Porch: {} } }, Driveway: { zones: { Driveway: {} } } })
    t.notMatch(text, /rtsp|ffmpeg/)
  })

  t.test(`${version}: a picture in the wrong size is shown`, async t => {
    const { request, frigate } = await start(t, version)
    const reply = await request('/api/camera/Driveway/snapshot?h=100&t=123')
    t.equal(reply.status, 200)
    t.equal(reply.headers.get('content-type'), 'image/jpeg')
    t.match(reply.headers.get('cache-control'), /private/)
    t.equal(reply.headers.get('x-camera-stale'), null)
    const [asked] = frigate.seen(/latest\.jpg/)
    t.equal(asked?.url, `/api/Driveway/latest.jpg?${version === '0.14' ? 'h' : 'height'}=100`)
    t.equal(asked?.headers.authorization, undefined, 'no token of ours reaches Frigate')
  })
}

t.test('the configuration would be fetched for every client', async t => {
  const { request, frigate } = await start(t)
  await Promise.all(Array.from({ length: 50 }, () => request('/api/cameras')))
  t.equal(frigate.seen(/^\/api\/config/).length, 1)
})

t.test('ten dashboards would make ten requests for a picture', async t => {
  const { request, frigate } = await start(t)
  frigate.delayMs = 50
  const replies = await Promise.all(
    Array.from({ length: 10 }, () => request('/api/camera/Driveway/snapshot')),
  )
  t.ok(replies.every(({ status }) => status === 200))
  t.equal(frigate.seen(/latest\.jpg/).length, 1)
})

t.test("Frigate's error picture would pass for one of the camera", async t => {
  const { request, frigate } = await start(t)
  frigate.frameRates.set('Nursery', 0)
  const reply = await request('/api/camera/Nursery/snapshot')
  t.equal(reply.status, 200)
  t.equal(reply.headers.get('x-camera-stale'), '1')
})

t.test('Frigate down: cameras, pictures and the event page would go with it', async t => {
  const { request, frigate } = await start(t)
  t.equal((await request('/api/cameras')).status, 200)
  await frigate.stop()
  const pictures = await request('/api/camera/Driveway/snapshot')
  t.equal(pictures.status, 200, 'from go2rtc')
  t.equal(pictures.headers.get('content-type'), 'image/jpeg')
  t.match(await (await request('/api/system/status')).json(), {
    frigate: { reachable: false },
    go2rtc: { reachable: true, version: '1.9.14' },
  })
})

t.test(
  'Frigate down from the start: go2rtc streams are the cameras, marked stale; zones are empty',
  async t => {
    const go2rtc = await startGo2rtc(t)
    const { origin } = await startApp(t, { FRIGATE_HOST: 'http://127.0.0.1:9', GO2RTC_HOST: go2rtc.origin })
    const { request } = await signIn(origin)
    const reply = (await (await request('/api/cameras')).json()) as {
      stale: boolean
      cameras: { id: string }[]
    }
    t.equal(reply.stale, true)
    t.ok(reply.cameras.some(({ id }) => id === 'Front_Door'))
    const zones = await request('/api/frigate/cameras')
    t.equal(zones.status, 200)
    t.same(await zones.json(), {})
    t.match(zones.headers.get('x-upstream-error'), /Frigate cannot be reached/)
  },
)

t.test('no Frigate: cameras and pictures are those of go2rtc', async t => {
  const go2rtc = await startGo2rtc(t)
  const { origin } = await startApp(t, { FRIGATE_HOST: 'none', GO2RTC_HOST: go2rtc.origin })
  const { request } = await signIn(origin)
  t.match(await (await request('/api/cameras')).json(), { stale: false })
  t.equal((await request('/api/camera/Front_Door/snapshot')).status, 200)
  t.match(await (await request('/api/system/status')).json(), { frigate: null, go2rtc: { reachable: true } })
})

t.test('neither answers: an error with a sentence and not a 500', async t => {
  const env = { FRIGATE_HOST: 'http://127.0.0.1:9', GO2RTC_HOST: 'http://127.0.0.1:9' }
  const { origin } = await startApp(t, env)
  const { request } = await signIn(origin)
  for (const path of ['/api/cameras', '/api/camera/A/snapshot', '/api/cameras/A/stream/mse']) {
    const reply = await request(path)
    t.equal(reply.status, 502, path)
    t.match(await reply.json(), { error: /cannot be reached/ })
  }
})

t.test('the MSE address of a camera names its live stream; an unknown camera is a 404', async t => {
  const { request } = await start(t)
  t.same(await (await request('/api/cameras/Driveway/stream/mse')).json(), {
    camera_id: 'Driveway',
    stream_name: 'Driveway',
    mse_url: '/api/go2rtc/mse/Driveway',
    type: 'mse',
  })
  const paths = [
    '/api/cameras/None/stream/mse',
    '/api/camera/None/snapshot',
    '/api/camera/..%2Fconfig/snapshot',
  ]
  for (const path of paths) {
    const reply = await request(path)
    t.equal(reply.status, 404, path)
    t.match(await reply.json(), { code: 'CAMERA_NOT_FOUND' })
  }
})

t.test('the old public routes would show a camera without login', async t => {
  const { origin } = await start(t)
  for (const path of ['/api/public/cameras', '/api/public/camera/Driveway/snapshot']) {
    const reply = await fetch(`${origin}${path}`)
    t.equal(reply.status, 401)
    t.match(await reply.json(), { error: 'Authentication required', message: String })
  }
  t.equal((await fetch(`${origin}/api/cameras`)).status, 401)
})

t.test('a picture loads by a token in the address, as <img> has it', async t => {
  const { origin, token } = await start(t)
  t.equal((await fetch(`${origin}/api/camera/Driveway/snapshot?token=${token}&t=1`)).status, 200)
  t.equal((await fetch(`${origin}/api/cameras?token=${token}`)).status, 401)
})
