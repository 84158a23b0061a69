import { get } from 'node:http'
import t from 'tap'
import { runCameras } from '../../bench/cameras/camera.ts'
import { floor } from '../../bench/fronts/floor.ts'
import { nginx } from '../../bench/fronts/nginx.ts'
import { Meter } from '../../bench/load/meter.ts'
import { runDrain } from '../../bench/process/drain.ts'
import { Contest } from '../../bench/suite/contest/contest.ts'
import { fanOutCosts } from '../../bench/suite/contest/fan-out.ts'
import { ensureTools } from '../support/tools.ts'
import { until } from '../support/until.ts'

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
    const [least, proxy] = await Promise.all([floor(cameras.origin), nginx(cameras.origin)])
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
  const looks = { seconds: 0.5, times: 2, after: 0.2 }
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

t.test('a server that leaves something out would be the cheaper for it', async t => {
  const cameras = await runCameras({ thin: CAMERAS.cam, whole: { gop: 0.5, bitrate: 4_000_000 } })
  t.teardown(() => cameras.stop())
  const looks = { seconds: 1, times: 2, after: 0.5 }
  const entry = (camera: string) => ({
    name: 'anybody',
    task: 'one camera',
    pid: cameras.pid,
    urls: [`${cameras.origin}/api/stream.mp4?src=${camera}`],
    viewers: 2,
  })
  const contest = new Contest(looks)
  await contest.measure([entry('whole')])
  t.equal(contest.rounds.length, 2)
  for (const round of contest.rounds) t.ok(round['one camera']!.anybody!.secondsPerGb > 0)
  await t.rejects(new Contest(looks).measure([entry('thin')]), {
    message: /anybody sent 0\.\d+ Mbit\/s to each/,
  })
})

t.test('the floor goes on reading a camera that nobody watches, or does not open it again', async t => {
  const cameras = await runCameras(CAMERAS)
  t.teardown(() => cameras.stop())
  const least = await floor(cameras.origin)
  t.teardown(() => least.stop())
  const isWatched = async () => {
    const streams = (await (await fetch(`${cameras.origin}/api/streams`)).json()) as {
      cam: { consumers: unknown[] }
    }
    return streams.cam.consumers.length > 0
  }
  t.equal(await isWatched(), false)
  for (let time = 0; time < 2; time++) {
    const drain = runDrain({ urls: [least.mp4('cam'), least.websocket!('cam')], viewers: 4 })
    await drain.playing()
    t.equal(await isWatched(), true)
    await drain.stop()
    await until(async () => !(await isWatched()))
  }
  t.equal(await isWatched(), false)
})
