import t, { type Test } from 'tap'
import type { LiveOptions } from '../../src/live/admission/live-streams.ts'
import { PLAIN_VIDEO } from '../../src/live/camera/playable.ts'
import type { Hub } from '../../src/live/hub.ts'
import { raw, websocket } from '../../src/live/timeline/framing.ts'
import { liveStreams, ManualSink, ManualSource } from '../support/live.ts'
import { camera, contiguous, received } from '../support/live-footage.ts'

const RAW = { framing: raw, plainVideo: false }
const KIB = 1024

async function started(
  t: Test,
  footage: Parameters<typeof camera>[0] = {},
  options: Partial<LiveOptions> = {},
) {
  const source = new ManualSource()
  const { live, logged } = liveStreams(t, options, source)
  const cam = camera(footage)
  const finding = live.find('Door', PLAIN_VIDEO)
  source.send(cam.init)
  const hub: Hub = await finding
  return { live, source, cam, hub, logged }
}

const limits = (change: Partial<LiveOptions['limits']>) => ({
  limits: {
    fragmentBytes: 64 * KIB,
    viewerBytes: 64 * KIB,
    streamBytes: 256 * KIB,
    processBytes: 1024 * KIB,
    ...change,
  },
})

t.test('the fragment limit: a larger fragment is taken in', async t => {
  const { source, cam, hub, logged } = await started(
    t,
    { bitrate: 400_000 },
    limits({ fragmentBytes: 8 * KIB }),
  )
  source.send(...cam.take(1))
  t.ok(source.opened[0]!.closed, 'that ends the connection')
  t.ok(logged.some(({ fields }) => fields.code === 'FMP4_BOX_TOO_LARGE'))
  t.ok(hub.media.budget.used < 4 * KIB, 'nothing of it is held')
})

t.test('the stream limit: a GOP too large for it is kept', async t => {
  const { live, source, cam, hub } = await started(
    t,
    { gop: 5, bitrate: 400_000 },
    limits({ streamBytes: 128 * KIB }),
  )
  source.send(...cam.take(40))
  t.equal(live.describe(hub).gop.kept, false)
  t.equal(live.describe(hub).gop.too_large, true)
  const sink = new ManualSink()
  live.subscribe(hub, sink, RAW)
  t.equal(received(sink.bytes).video.length, 0, 'a newcomer gets the init segment')
  source.send(...cam.take(20))
  const { video } = received(sink.bytes)
  t.equal(video.length, 10, 'and joins at the next keyframe')
  t.ok(video[0]!.sync)
  t.equal(video[0]!.decodeTime, 0)
  t.ok(hub.media.budget.peak <= hub.media.budget.limit)
})

t.test('the viewer limit: a slow viewer grows, or gets a hole', async t => {
  const { live, source, cam, hub, logged } = await started(t, { bitrate: 400_000 })
  const [slow, healthy] = [new ManualSink(), new ManualSink()]
  source.send(...cam.take(10))
  const viewer = live.subscribe(hub, slow, RAW)
  live.subscribe(hub, healthy, RAW)
  slow.stalled = true
  for (let i = 0; i < 60; i++) {
    source.send(...cam.take(1))
    t.ok(viewer.backlog <= 64 * KIB, 'never over the limit')
  }
  slow.resume()
  source.send(...cam.take(30))
  const got = received(slow.bytes).video
  t.ok(got.length < 100 && got.length > 30, `${got.length} of 100`)
  t.ok(contiguous(got), 'the timeline of the slow viewer has no hole')
  t.equal(received(healthy.bytes).video.length, 100, 'the healthy viewer lost nothing')
  t.ok(hub.drops.skips > 0)
  t.equal(hub.drops.packets, 100 - got.length)
  live.close()
  t.equal(
    logged.filter(({ message }) => message.includes('skipped')).length,
    1,
    'one line, not one per packet',
  )
})

t.test('the viewer limit: a message that was begun is never finished after a skip', async t => {
  const { live, source, cam, hub } = await started(t, { gop: 4, bitrate: 200_000 })
  source.send(...cam.take(39))
  const slow = new ManualSink()
  slow.stalled = true
  live.subscribe(hub, slow, { framing: websocket, plainVideo: false })
  source.send(...cam.take(60))
  slow.resume()
  source.send(...cam.take(60))
  const { messages } = await import('../support/websocket-frames.ts')
  t.ok(messages(slow.bytes).length > 10, 'every message is whole')
  t.ok(hub.drops.skips > 0)
})

t.test('the stream limit: viewers who keep up lose pictures where those who lag are skipped', async t => {
  const { live, source, cam, hub } = await started(t, { audio: 'aac', gop: 1, bitrate: 400_000 })
  source.send(...cam.take(5))
  const [slow, healthy] = [new ManualSink(), new ManualSink()]
  slow.stalled = true
  for (const sink of [slow, healthy]) live.subscribe(hub, sink, RAW)
  source.send(...cam.take(20))
  t.throws(() => hub.media.budget.take(hub.media.budget.limit), { code: 'LIVE_BUDGET' })
  t.equal(hub.drops.skips, 1, 'only the one who lags')
  slow.resume()
  source.send(...cam.take(60))
  const { video } = received(healthy.bytes)
  t.ok(contiguous(video))
  t.ok(video.length > received(slow.bytes).video.length)
})

t.test('the process limit: it is exceeded, or a healthy viewer goes before the most backlogged', async t => {
  const source = new ManualSource()
  const { live } = liveStreams(t, limits({ processBytes: 300 * KIB }), source)
  const cams = ['a', 'b', 'c'].map(stream => ({ stream, cam: camera({ gop: 2, bitrate: 400_000 }) }))
  const hubs: Hub[] = []
  for (const { stream, cam } of cams) {
    const finding = live.find(stream, PLAIN_VIDEO)
    source.send(cam.init)
    hubs.push(await finding)
  }
  const sinks = hubs.map(() => new ManualSink())
  source.opened.forEach((one, i) => {
    for (const box of cams[i]!.cam.take(1)) one.receiver.data(box)
  })
  for (const [i, hub] of hubs.entries()) live.subscribe(hub, sinks[i]!, RAW)
  sinks[0]!.stalled = true
  for (let frame = 0; frame < 100; frame++)
    source.opened.forEach((one, i) => {
      if (!one.closed) for (const box of cams[i % 3]!.cam.take(1)) one.receiver.data(box)
      source.clock.beat()
    })
  t.ok(live.budget.peak <= live.budget.limit, `${live.budget.peak} of ${live.budget.limit}`)
  t.equal(sinks[0]!.ended, 'evicted')
  t.equal(sinks[1]!.ended, undefined)
  t.equal(sinks[2]!.ended, undefined)
})

t.test('a thousand joins within a second leave the budget', async t => {
  const { live, source, cam, hub } = await started(t, { gop: 2, bitrate: 400_000 })
  source.send(...cam.take(19))
  const before = live.budget.used
  const sinks = Array.from({ length: 1000 }, () => new ManualSink())
  for (const sink of sinks) {
    sink.stalled = true
    live.subscribe(hub, sink, { framing: websocket, plainVideo: false })
  }
  t.ok(live.budget.peak < before + 16 * KIB, 'newcomers of one GOP hold only the shared heads')
  for (const sink of sinks) sink.resume()
  t.ok(live.budget.peak <= live.budget.limit)
  t.equal(source.opened.length, 1)
  t.equal(live.viewers, 1000)
})

t.test('the last viewer gone and the hub closed, bytes are still held', async t => {
  const { live, source, cam, hub } = await started(t, { audio: 'aac', bitrate: 400_000 })
  const viewers = [new ManualSink(), new ManualSink(), new ManualSink()].map((sink, i) => {
    sink.stalled = i === 1
    return live.subscribe(hub, sink, { framing: i === 2 ? websocket : raw, plainVideo: i === 0 })
  })
  source.send(...cam.take(50))
  for (const viewer of viewers) viewer.close()
  source.send(...cam.take(50))
  t.equal(live.viewers, 0)
  live.close()
  t.equal(live.budget.used, 0)
  t.ok(source.opened.every(one => one.closed))
})

t.test('a viewer that takes nothing stays connected', async t => {
  const { live, source, cam, hub } = await started(t)
  source.send(...cam.take(5))
  const [stalled, idle] = [new ManualSink(), new ManualSink()]
  stalled.stalled = true
  const viewers = [live.subscribe(hub, stalled, RAW), live.subscribe(hub, idle, RAW)]
  for (const now of [0, 1000, 14_000]) for (const viewer of viewers) viewer.checkProgress(now)
  t.equal(stalled.ended, undefined, 'it has a while')
  for (const viewer of viewers) viewer.checkProgress(15_000)
  t.equal(stalled.ended, 'stalled')
  t.equal(idle.ended, undefined, 'one that waits for the camera is not stalled')
})

t.test('pictures are kept for a viewer that takes nothing, although newer ones are there', async t => {
  const { live, source, cam, hub } = await started(t)
  source.send(...cam.take(5))
  const stalled = new ManualSink()
  const viewer = live.subscribe(hub, stalled, RAW)
  stalled.stalled = true
  source.send(...cam.take(5))
  viewer.checkProgress(0)
  viewer.checkProgress(1000)
  t.ok(Number.isFinite(viewer.oldest), 'a moment is nothing')
  const held = hub.media.gop.start!.sequence
  while (hub.media.gop.start!.sequence === held) source.send(...cam.take(1))
  viewer.checkProgress(2000)
  t.equal(viewer.oldest, Number.POSITIVE_INFINITY)
  t.equal(stalled.ended, undefined)
  source.send(...cam.take(1))
  t.equal(hub.media.ring.oldest, hub.media.gop.start, 'nothing before the kept GOP is held')
})

t.test('the stream count has no limit', async t => {
  const { live, source, cam, hub } = await started(t, {}, { maxStreams: 1 })
  source.send(...cam.take(1))
  live.subscribe(hub, new ManualSink(), RAW)
  await t.rejects(live.find('Other', PLAIN_VIDEO), { code: 'LIVE_TOO_MANY_STREAMS', statusCode: 503 })
  t.equal(await live.find('Door', PLAIN_VIDEO), hub)
})

t.test('streams that are only kept warm leave no place for one that somebody watches', async t => {
  const { live, source, cam } = await started(t, {}, { maxStreams: 1 })
  source.send(...cam.take(1))
  live.hold('Door')
  const finding = live.find('Other', PLAIN_VIDEO)
  source.send(cam.init)
  const other = await finding
  t.equal(other.stream, 'Other')
  live.subscribe(other, new ManualSink(), RAW)
  t.same(
    [...live.hubs()].map(({ stream }) => stream),
    ['Other'],
  )
  t.throws(() => live.hold('Door'), { code: 'LIVE_TOO_MANY_STREAMS' })
})

t.test('the heap: viewers are let in until it is full', async t => {
  let filled = 0.5
  const { live, source, cam, hub } = await started(t, {}, { heapFilled: () => filled })
  source.send(...cam.take(2))
  const early = new ManualSink()
  live.subscribe(hub, early, RAW)
  filled = 0.75
  t.throws(() => live.subscribe(hub, new ManualSink(), RAW), { code: 'LIVE_OVERLOADED', statusCode: 503 })
  await t.rejects(live.find('Door', PLAIN_VIDEO), { code: 'LIVE_OVERLOADED' })
  source.send(...cam.take(2))
  t.equal(received(early.bytes).video.length, 4, 'those who are there stay')
  filled = 0.5
  live.subscribe(hub, new ManualSink(), RAW)
  t.equal(live.viewers, 2)
})

t.test('the heap: those who fall behind fill it up until V8 ends the process', async t => {
  let filled = 0.5
  const looks: (() => void)[] = []
  const every = (_: number, look: () => void) => {
    looks.push(look)
    return () => {}
  }
  const { live, source, cam, hub } = await started(t, {}, { heapFilled: () => filled, every })
  source.send(...cam.take(2))
  const sinks = Array.from({ length: 4 }, () => new ManualSink())
  for (const sink of sinks) live.subscribe(hub, sink, RAW)
  for (const sink of sinks.slice(1)) sink.stalled = true
  source.send(...cam.take(3))
  const gone = () => sinks.filter(({ ended }) => ended === 'evicted').length
  for (const look of looks) look()
  t.equal(gone(), 0)
  filled = 0.9
  t.throws(() => live.subscribe(hub, new ManualSink(), RAW), { code: 'LIVE_OVERLOADED' })
  t.equal(gone(), 1, 'one for each who is refused')
  for (const look of looks) look()
  t.equal(gone(), 2)
  for (const look of [...looks, ...looks]) look()
  t.equal(gone(), 3)
  t.equal(sinks[0]!.ended, undefined, 'who keeps up stays')
})
