import t, { type Test } from 'tap'
import { PLAIN_VIDEO } from '../../src/live/camera/playable.ts'
import type { Packet } from '../../src/live/memory/ring.ts'
import { raw } from '../../src/live/timeline/framing.ts'
import { hlsOf, joined, playedCamera } from '../support/hls.ts'
import { liveStreams, ManualSink, ManualSource } from '../support/live.ts'
import { camera } from '../support/live-footage.ts'

const isFreed = ({ fragment }: Packet) => fragment.mdat.length === 0

/** A camera of one-second GOPs, and what becomes of its newest packet. */
async function started(t: Test) {
  const source = new ManualSource()
  const { live } = liveStreams(t, {}, source)
  const cam = camera()
  const finding = live.find('Door', PLAIN_VIDEO)
  source.send(cam.init)
  const hub = await finding
  source.send(...cam.take(2))
  const send = (count: number) => source.send(...cam.take(count))
  return { live, hub, send, newest: () => hub.media.ring.newest! }
}

t.test('a packet that no write waits with stays in memory until a collection', async t => {
  const { live, hub, send, newest } = await started(t)
  const sink = new ManualSink()
  live.subscribe(hub, sink, { framing: raw, plainVideo: false })
  send(1)
  const packet = newest()
  t.notOk(isFreed(packet))
  send(25)
  t.ok(isFreed(packet))
})

t.test('a packet is freed under a write that waits, or under one whose viewer has gone', async t => {
  for (const leaves of [false, true]) {
    const { live, hub, send, newest } = await started(t)
    const sink = new ManualSink()
    sink.stalled = true
    const viewer = live.subscribe(hub, sink, { framing: raw, plainVideo: false })
    const packet = newest()
    if (leaves) viewer.close()
    send(25)
    t.not(hub.media.ring.oldest, packet)
    t.notOk(isFreed(packet))
    sink.resume()
    t.notOk(isFreed(packet), 'it is left to the collector')
  }
})

t.test('media of a part is freed under a response, or kept for nobody', async t => {
  const { hub, send } = await playedCamera(t, { gop: 1, fps: 25, bitrate: 4_000_000, audio: 'aac' })
  send(60)
  const { hls } = hlsOf(hub)
  send(150)
  const lengths = (chunks: readonly Uint8Array[]) => chunks.map(({ length }) => length)
  const [fetched, other] = hls.window!.segments.slice(-2).map(({ parts }) => parts)
  const chunks = [fetched!, other!].map(parts => parts.flatMap(part => part.chunks))
  for (const part of fetched!) part.hold()
  const bytes = joined(fetched!)
  for (const part of fetched!) part.drop()
  send(1000)
  hls.expire(Number.POSITIVE_INFINITY)
  t.ok(fetched!.every(part => part.gone))
  t.ok(Buffer.concat(chunks[0]!).equals(bytes))
  t.same(new Set(lengths(chunks[1]!)), new Set([0]))
})
