import { get } from 'node:http'
import t from 'tap'
import { floor } from '../../bench/fronts/floor.ts'
import { nginx } from '../../bench/fronts/nginx.ts'
import { Meter } from '../../bench/load/meter.ts'
import { runCameras } from '../../bench/process/camera.ts'
import { runDrain } from '../../bench/process/drain.ts'
import { fanOutCosts } from '../../bench/suite/fan-out.ts'
import { ensureTools } from '../support/tools.ts'

ensureTools(['cc', 'nginx'])

const CAMERAS = { cam: { gop: 0.5, bitrate: 500_000 } }

/** What a viewer of endless MP4 has got when `enough` says so. */
function watch(url: string, enough: (meter: Meter) => boolean): Promise<Meter> {
  return new Promise((resolve, reject) => {
    const meter = new Meter(true)
    const request = get(url, reply => {
      reply.on('data', (piece: Buffer) => {
        meter.push(piece)
        if (!enough(meter)) return
        request.destroy()
        resolve(meter)
      })
    })
    request.on('error', reject)
  })
}

t.test(
  'the camera, nginx and the floor deliver every frame and whole timelines, over both transports',
  async t => {
    const cameras = await runCameras(CAMERAS)
    t.teardown(() => cameras.stop())
    const [least, proxy] = await Promise.all([floor(cameras.origin), nginx({ upstream: cameras.origin })])
    t.teardown(() => Promise.all([least.stop(), proxy.stop()]))
    for (const front of [least, proxy]) {
      const meter = await watch(
        front.mp4('cam'),
        ({ frames, firstFrameAt }) => frames > 40 && firstFrameAt !== undefined,
      )
      t.match(meter, { missedFrames: 0, videoBreaks: 0, audioBreakMs: 0 }, front.name)
      for (const url of [front.mp4('cam'), front.websocket!('cam')]) {
        const drain = runDrain({ urls: [url], viewers: 5, marks: front === least })
        await drain.playing()
        const seen = await drain.look()
        t.match(seen, { open: 5, started: 5, missed: 0 }, url)
        if (front === least) t.ok(seen.fragments > 0 && seen.firstFrameMs.p50 > 0, 'marks are found')
        await drain.stop()
      }
    }
  },
)

t.test('stalled viewers stay connected and are not counted', async t => {
  const cameras = await runCameras(CAMERAS)
  t.teardown(() => cameras.stop())
  const drain = runDrain({ urls: [`${cameras.origin}/api/stream.mp4?src=cam`], viewers: 4, stalled: 4 })
  await drain.playing()
  t.match(await drain.look(), { open: 4, started: 4, bytes: 0 })
  await drain.stop()
})

t.test('a cost is not given for a crowd that was turned away', async t => {
  const cameras = await runCameras(CAMERAS)
  t.teardown(() => cameras.stop())
  const { pid, origin } = cameras
  const load = { pid, upstreamPid: pid, viewers: 3 }
  const looks = { seconds: 0.5, times: 2 }
  const served = { ...load, urls: [`${origin}/api/stream.mp4?src=cam`] }
  const costs = await fanOutCosts([served, { ...served, viewers: 2 }], looks)
  t.same(
    costs.map(({ length }) => length),
    [2, 2],
    'of two crowds, looked at twice',
  )
  for (const cost of costs.flat()) t.ok(cost.secondsPerGb > 0 && cost.megabitsPerViewer > 0.1)
  const refused = { ...load, urls: [`${origin}/api/stream.mp4?src=unknown`] }
  await t.rejects(fanOutCosts([served, refused], looks), { message: /3 of 3 viewers/ })
})
