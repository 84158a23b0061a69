import { createHash } from 'node:crypto'
import t, { type Test } from 'tap'
import type { LiveOptions } from '../../src/live/admission/live-streams.ts'
import { PLAIN_VIDEO } from '../../src/live/camera/playable.ts'
import { raw, websocket } from '../../src/live/timeline/framing.ts'
import { liveStreams, ManualSink, ManualSource } from '../support/live.ts'
import { camera, contiguous, received } from '../support/live-footage.ts'
import { messages } from '../support/websocket-frames.ts'

const hash = (bytes: Uint8Array) => createHash('sha1').update(bytes).digest('base64')

async function viewersInGopsOfTheirOwn(t: Test, options: Partial<LiveOptions> = {}, bitrate = 80_000) {
  const source = new ManualSource()
  const { live } = liveStreams(t, options, source)
  const cam = camera({ audio: 'aac', gop: 0.5, bitrate })
  const finding = live.find('Door', PLAIN_VIDEO)
  source.send(cam.init)
  const hub = await finding
  const sinks: ManualSink[] = []
  for (const framing of [raw, websocket, raw, raw, websocket]) {
    source.send(...cam.take(40))
    const sink = new ManualSink()
    sinks.push(sink)
    live.subscribe(hub, sink, { framing, plainVideo: false })
  }
  const got = () =>
    sinks.map((sink, i) => received(i % 3 === 1 ? Buffer.concat(messages(sink.bytes)) : sink.bytes))
  return { live, hub, source, cam, sinks, got }
}

t.test('a viewer is sent the decode times of another, or the framing', async t => {
  const { source, cam, got } = await viewersInGopsOfTheirOwn(t)
  source.send(...cam.take(60))
  for (const { video, audio } of got()) {
    t.equal(video[0]!.decodeTime, 0)
    t.ok(contiguous(video))
    t.ok(contiguous(audio))
    t.ok(audio.length > 20)
  }
})

t.test('what a write still refers to is overwritten for the next viewer', async t => {
  const { source, cam, sinks, got } = await viewersInGopsOfTheirOwn(t)
  sinks[2]!.stalled = sinks[4]!.stalled = true
  source.send(...cam.take(3))
  source.send(...cam.take(3))
  const kept = sinks.map(sink => sink.chunks.at(-1)!.buffer)
  t.not(kept[2], kept[4])
  sinks[2]!.resume()
  sinks[4]!.resume()
  source.send(...cam.take(30))
  for (const { video, audio } of got()) {
    t.ok(contiguous(video))
    t.ok(contiguous(audio))
  }
})

t.test('joined bytes are not counted, or never given back', async t => {
  const { live, hub, source, cam, sinks } = await viewersInGopsOfTheirOwn(t)
  source.send(...cam.take(10))
  const idle = hub.media.budget.used - hub.media.ring.bytes
  const given = () => sinks[2]!.bytes.length + sinks[3]!.bytes.length
  const before = given()
  sinks[2]!.stalled = sinks[3]!.stalled = true
  source.send(...cam.take(1))
  const waiting = given() - before
  t.equal(hub.media.budget.used - hub.media.ring.bytes - idle, waiting)
  for (const sink of sinks) sink.resume()
  t.equal(hub.media.budget.used - hub.media.ring.bytes, idle)
  live.close()
  t.equal(live.budget.used, 0)
})

t.test('viewers are left without, where there is no room to join', async t => {
  const { hub, source, cam, got } = await viewersInGopsOfTheirOwn(t)
  hub.media.budget.takeFree = () => false
  source.send(...cam.take(60))
  for (const { video, audio } of got()) {
    t.ok(contiguous(video))
    t.ok(contiguous(audio))
    t.ok(audio.length > 20)
  }
})

const MIB = 1024 * 1024
const ROOMY = { fragmentBytes: MIB, viewerBytes: MIB, streamBytes: 4 * MIB, processBytes: 8 * MIB }

/** Keyframes are too large to be joined. */
async function largeKeyframes(t: Test) {
  const viewers = await viewersInGopsOfTheirOwn(t, { limits: ROOMY }, 2_000_000)
  const { hub, source, cam } = viewers
  const sent = new Set<string>()
  const send = (...boxes: Buffer[]) => {
    for (const box of boxes) {
      source.send(box)
      sent.add(hash(hub.media.ring.newest!.fragment.mdat))
    }
  }
  return {
    ...viewers,
    sent,
    send: (count: number) => send(...cam.take(count)),
    /** Sends up to the next keyframe; `before` is called just before that. */
    sendKeyframe: (before: () => void) => {
      let [box] = cam.take(1)
      for (; box!.length < 64 * 1024; [box] = cam.take(1)) send(box!)
      before()
      send(box!)
      return hub.media.ring.newest!
    },
  }
}

t.test('a keyframe behind what is joined is torn, or freed while a write refers to it', async t => {
  const { sinks, got, sent, send, sendKeyframe } = await largeKeyframes(t)
  for (const stalled of [[2, 4], [0], [1, 2, 3]]) {
    send(3)
    sendKeyframe(() => {
      for (const seat of stalled) sinks[seat]!.stalled = true
    })
    send(30)
    for (const seat of stalled) sinks[seat]!.resume()
    send(3)
  }
  for (const { video, audio } of got()) {
    t.ok(contiguous(video))
    t.ok(contiguous(audio))
    const newest = video.slice(-15)
    t.ok(newest.some(({ mdat }) => mdat.length > 64 * 1024))
    for (const { mdat } of newest) t.ok(sent.has(hash(mdat)))
  }
})

t.test(
  'a keyframe is copied for each viewer whose connection is full, or not counted while it waits',
  async t => {
    const { live, hub, sinks, send, sendKeyframe } = await largeKeyframes(t)
    send(10)
    const idle = hub.media.budget.used - hub.media.ring.bytes
    const keyframe = sendKeyframe(() => {
      for (const sink of sinks) sink.stalled = true
    })
    for (let i = 0; hub.media.ring.oldest!.sequence <= keyframe.sequence; i++) {
      if (i > 100) throw new Error('the ring keeps it')
      send(1)
    }
    const waiting = hub.media.budget.used - hub.media.ring.bytes - idle
    t.ok(waiting >= keyframe.bytes)
    t.ok(waiting < 1.2 * keyframe.bytes, `${waiting} bytes for five`)
    for (const sink of sinks) sink.resume()
    t.ok(hub.media.budget.used - hub.media.ring.bytes <= idle)
    live.close()
    t.equal(live.budget.used, 0)
  },
)
