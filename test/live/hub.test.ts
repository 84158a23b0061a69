import t from 'tap'
import { PLAIN_VIDEO } from '../../src/live/camera/playable.ts'
import type { Hub } from '../../src/live/hub.ts'
import type { Listener } from '../../src/live/listener.ts'
import { raw, websocket } from '../../src/live/timeline/framing.ts'
import { liveStreams, ManualSink, ManualSource } from '../support/live.ts'
import { camera, contiguous, received } from '../support/live-footage.ts'
import { until } from '../support/until.ts'
import { messages } from '../support/websocket-frames.ts'

const RAW = { framing: raw, plainVideo: false }

async function started(t: Parameters<typeof liveStreams>[0], options: Parameters<typeof camera>[0] = {}) {
  const source = new ManualSource()
  const { live, logged } = liveStreams(t, {}, source)
  const cam = camera(options)
  const finding = live.find('Door', PLAIN_VIDEO)
  source.send(cam.init)
  const hub: Hub = await finding
  return { live, source, cam, hub, logged }
}

t.test('a newcomer waits for the next keyframe of the camera', async t => {
  const { live, source, cam, hub } = await started(t)
  source.send(...cam.take(15))
  const sink = new ManualSink()
  live.subscribe(hub, sink, RAW)
  const { inits, video } = received(sink.bytes)
  t.equal(inits, 1)
  t.equal(video.length, 5, 'the kept GOP, whole')
  t.ok(video[0]!.sync)
})

t.test('a late joiner is handed a timeline that does not start near 0', async t => {
  const { live, source, cam, hub } = await started(t, { audio: 'aac' })
  source.send(...cam.take(300))
  const sink = new ManualSink()
  live.subscribe(hub, sink, RAW)
  source.send(...cam.take(50))
  const { video, audio } = received(sink.bytes)
  t.equal(video[0]!.decodeTime, 0)
  const start = audio[0]!.decodeTime / audio[0]!.track.timescale
  t.ok(start >= 0 && start < 0.2, `audio starts at ${start}`)
  t.ok(contiguous(video))
  t.ok(contiguous(audio))
})

t.test('video and audio of a late joiner are shifted apart', async t => {
  const { live, source, cam, hub } = await started(t, { audio: 'aac' })
  const [early, late] = [new ManualSink(), new ManualSink()]
  source.send(...cam.take(10))
  live.subscribe(hub, early, RAW)
  source.send(...cam.take(200))
  live.subscribe(hub, late, RAW)
  source.send(...cam.take(20))
  const [a, b] = [received(early.bytes), received(late.bytes)]
  const shift = (kind: 'video' | 'audio') => {
    const [last, other] = [a[kind].at(-1)!, b[kind].at(-1)!]
    return (last.decodeTime - other.decodeTime) / last.track.timescale
  }
  t.ok(Math.abs(shift('video') - shift('audio')) < 0.001, `${shift('video')} and ${shift('audio')}`)
})

t.test('each viewer gets a copy of the media bytes', async t => {
  const { live, source, cam, hub } = await started(t)
  source.send(...cam.take(5))
  const sinks = [new ManualSink(), new ManualSink()]
  for (const sink of sinks) live.subscribe(hub, sink, RAW)
  source.send(...cam.take(5))
  const [one, other] = sinks.map(({ given }) => given)
  t.ok(one!.length > 10)
  t.ok(
    one!.every((chunk, i) => chunk === other![i]),
    'heads and media are the same memory for viewers of one GOP',
  )
})

t.test('viewers who fell apart for a moment are written to one by one ever after', async t => {
  const { live, source, cam, hub } = await started(t, { audio: 'aac' })
  source.send(...cam.take(10))
  const sinks = [new ManualSink(), new ManualSink()]
  for (const sink of sinks) live.subscribe(hub, sink, RAW)
  source.send(...cam.take(5))
  sinks[1]!.stalled = true
  source.send(...cam.take(3))
  sinks[1]!.resume()
  source.send(...cam.take(20))
  t.ok(sinks[0]!.given.length > 0)
  t.equal(sinks[1]!.given.at(-1), sinks[0]!.given.at(-1), 'the very same bytes')
  t.ok(sinks[0]!.bytes.equals(sinks[1]!.bytes), 'nobody lost anything')
})

t.test('init segment and kept GOP arrive as more than one WebSocket message', async t => {
  const { live, source, cam, hub } = await started(t, { bitrate: 600_000 })
  source.send(...cam.take(9))
  const sink = new ManualSink()
  live.subscribe(hub, sink, { framing: websocket, plainVideo: false })
  source.send(...cam.take(2))
  const got = messages(sink.bytes)
  t.equal(received(got[0]!).video.length, 9)
  t.same(
    got.slice(1).map(message => received(Buffer.concat([cam.init, message])).video.length),
    [1, 1],
  )
})

t.test('a reconnect of the camera sends time back, or leaves a hole', async t => {
  const { live, source, cam, hub } = await started(t, { audio: 'aac' })
  source.send(...cam.take(30))
  const sink = new ManualSink()
  live.subscribe(hub, sink, RAW)
  const again = camera({ audio: 'aac' })
  source.opened[0]!.receiver.end()
  await until(() => source.opened.length === 2)
  source.send(again.init, ...again.take(30))
  t.equal(sink.ended, undefined, 'the viewer stays')
  const { inits, video, audio } = received(sink.bytes)
  t.equal(inits, 1)
  t.ok(contiguous(video))
  t.ok(
    audio.every(
      (fragment, i) => i === 0 || fragment.decodeTime >= audio[i - 1]!.decodeTime + audio[i - 1]!.duration,
    ),
  )
  t.equal(hub.state, 'live')
})

t.test('viewers are sent tracks that their decoder does not know', async t => {
  const { live, source, cam, hub } = await started(t)
  source.send(...cam.take(5))
  const sink = new ManualSink()
  live.subscribe(hub, sink, RAW)
  source.opened[0]!.receiver.end()
  await until(() => source.opened.length === 2)
  const other = camera({ timescale: 12_800 })
  source.send(other.init, ...other.take(3))
  t.equal(sink.ended, 'changed')
  const after = new ManualSink()
  live.subscribe(hub, after, RAW)
  t.equal(received(after.bytes).video[0]!.track.timescale, 12_800)
})

t.test('a silent camera is waited for for ever', async t => {
  const source = new ManualSource()
  const { live, logged } = liveStreams(t, { silentMs: 20 }, source)
  const finding = live.find('Door', PLAIN_VIDEO)
  const cam = camera()
  source.send(cam.init, ...cam.take(3))
  await finding
  await until(() => source.opened.length > 1)
  t.ok(source.opened[0]!.closed)
  t.ok(logged.some(({ fields }) => fields.code === 'LIVE_UPSTREAM_SILENT'))
})

t.test('garbage from the camera crashes the hub, or keeps it', async t => {
  const { live, source, cam, hub, logged } = await started(t)
  source.send(...cam.take(5))
  const sink = new ManualSink()
  live.subscribe(hub, sink, RAW)
  source.send(Buffer.alloc(64, 0xff))
  t.ok(source.opened[0]!.closed)
  t.ok(logged.some(({ fields }) => String(fields.code).startsWith('FMP4_')))
  await until(() => source.opened.length === 2)
  const again = camera()
  source.send(again.init, ...again.take(3))
  t.equal(received(sink.bytes).video.length, 8)
})

t.test('a camera that nobody watches is read on each beat, or one that somebody does is not', async t => {
  const { source, hub, live, cam } = await started(t)
  source.send(...cam.take(1))
  const [connection] = source.opened
  const readsIn = (beats: number) => {
    while (source.clock.waits) source.clock.poll()
    const before = connection!.reads
    for (let i = 0; i < beats; i++) source.clock.beat()
    return connection!.reads - before
  }
  t.equal(readsIn(30), 10)
  const before = connection!.reads
  const viewer = live.subscribe(hub, new ManualSink(), RAW)
  t.equal(connection!.reads, before + 1, 'what waits is there for whoever comes')
  t.equal(readsIn(30), 30)
  viewer.close()
  t.equal(readsIn(30), 10)
  const listener = { wantsEachBeat: true, packet() {}, flush() {} } as unknown as Listener
  const detach = hub.attach(listener)
  t.equal(readsIn(30), 30)
  detach()
  t.equal(readsIn(30), 10)
})

t.test('the first picture of a camera waits for a beat', async t => {
  const source = new ManualSource()
  const { live } = liveStreams(t, {}, source)
  const cam = camera()
  const finding = live.find('Door', PLAIN_VIDEO)
  const [connection] = source.opened
  connection!.receiver.data(cam.init)
  const sink = new ManualSink()
  live.subscribe(await finding, sink, RAW)
  const [keyframe, next] = cam.take(2)
  connection!.receiver.data(keyframe!)
  t.equal(received(sink.bytes).video.length, 1)
  connection!.receiver.data(next!)
  t.equal(received(sink.bytes).video.length, 1, 'what follows is sent on the beat')
  source.clock.beat()
  t.equal(received(sink.bytes).video.length, 2)
})
