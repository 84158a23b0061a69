import t, { type Test } from 'tap'
import type { LiveOptions } from '../../src/live/admission/live-streams.ts'
import { PLAIN_VIDEO } from '../../src/live/camera/playable.ts'
import type { Hub } from '../../src/live/hub.ts'
import type { Listener } from '../../src/live/listener.ts'
import type { Packet } from '../../src/live/memory/ring.ts'
import { raw, websocket } from '../../src/live/timeline/framing.ts'
import { liveStreams, ManualSink, ManualSource } from '../support/live.ts'
import { camera, contiguous, received } from '../support/live-footage.ts'
import { messages } from '../support/websocket-frames.ts'

const RAW = { framing: raw, plainVideo: false }
const KIB = 1024
const MIB = 1024 * KIB

async function started(t: Test, footage: Parameters<typeof camera>[0] = {}) {
  const source = new ManualSource()
  const { live } = liveStreams(t, {}, source)
  const cam = camera(footage)
  const finding = live.find('Door', PLAIN_VIDEO)
  source.send(cam.init)
  const hub = await finding
  source.send(...cam.take(5))
  const [connection] = source.opened
  /** Comes between two beats. */
  const come = (count: number) => {
    for (const box of cam.take(count)) connection!.receiver.data(box)
  }
  return { live, source, cam, hub, come, beat: () => source.clock.beat() }
}

t.test(
  'what comes in one beat is more than one write for a viewer, or sound waits for a picture',
  async t => {
    const { live, hub, come, beat } = await started(t, { audio: 'aac', fps: 25 })
    const sinks = [new ManualSink(), new ManualSink()]
    for (const sink of sinks) live.subscribe(hub, sink, RAW)
    beat()
    for (const count of [1, 2, 3, 7]) {
      const before = sinks.map(({ writes }) => writes)
      const had = sinks.map(({ bytes }) => received(bytes).all.length)
      come(count)
      t.same(
        sinks.map(({ writes }) => writes),
        before,
        'nothing is sent between two beats',
      )
      beat()
      t.same(
        sinks.map(({ writes }) => writes),
        before.map(writes => writes + 1),
      )
      t.same(
        sinks.map(({ bytes }) => received(bytes).all.length),
        had.map(all => all + count),
      )
    }
    beat()
    t.equal(sinks[0]!.writes, sinks[1]!.writes)
  },
)

t.test('a newcomer between two beats waits for the next, gets packets twice, or misses some', async t => {
  const { live, hub, come, beat } = await started(t, { audio: 'aac', fps: 25 })
  const early = new ManualSink()
  live.subscribe(hub, early, RAW)
  come(3)
  const late = new ManualSink()
  live.subscribe(hub, late, RAW)
  t.equal(received(late.bytes).all.length, 8, 'with what has not been sent to the others yet')
  t.equal(received(early.bytes).all.length, 5)
  come(2)
  beat()
  t.equal(late.given.at(-1) === early.given.at(-1), false, 'they are not at the same packet')
  come(2)
  beat()
  t.equal(late.given.at(-1), early.given.at(-1), 'from the next beat on they share writes')
  for (const sink of [early, late]) {
    const { video, audio, all } = received(sink.bytes)
    t.equal(all.length, 12)
    t.ok(contiguous(video) && contiguous(audio))
  }
})

t.test('a listener that attaches between two beats misses a packet, or is told of one twice', async t => {
  const { hub, come, beat } = await started(t)
  const packets: number[] = []
  let flushes = 0
  const listener: Listener = {
    wantsEachBeat: false,
    packet: ({ sequence }: Packet) => packets.push(sequence),
    flush: () => flushes++,
    tracksChanged() {},
    lost() {},
    relieve() {},
    giveUp() {},
    hubClosed() {},
  }
  come(2)
  const there = hub.media.ring.next
  const detach = hub.attach(listener)
  come(2)
  t.same(packets, [there, there + 1])
  t.equal(flushes, 0)
  beat()
  t.equal(flushes, 1, 'once for a beat')
  beat()
  t.equal(flushes, 1, 'and for none in which nothing came')
  come(1)
  detach()
  beat()
  t.same(packets, [there, there + 1, there + 2])
  t.equal(flushes, 1)
})

t.test(
  'a viewer who leaves in the middle of a beat is sent more, or keeps others from their packets',
  async t => {
    const { live, hub, come, beat } = await started(t)
    const [first, leaving, last] = [new ManualSink(), new ManualSink(), new ManualSink()]
    const viewers = [first, leaving, last].map(sink => live.subscribe(hub, sink, RAW))
    beat()
    const before = leaving.writes
    first.onWrite = () => viewers[1]!.close()
    come(3)
    beat()
    first.onWrite = undefined
    t.equal(leaving.writes, before)
    for (const sink of [first, last]) t.equal(received(sink.bytes).video.length, 8)
    last.onWrite = () => viewers[2]!.close()
    come(3)
    beat()
    t.equal(live.viewers, 1)
    t.equal(received(first.bytes).video.length, 11)
    live.close()
    t.equal(live.budget.used, 0)
  },
)

t.test('all cameras of a house are read and sent in one beat, or one write is torn', async t => {
  const source = new ManualSource()
  const { live } = liveStreams(t, { maxStreams: 9, limits: houseLimits() }, source)
  const house = await cameras(live, source, 9, { bitrate: 4_000_000, fps: 25, gop: 2, audio: 'aac' })
  for (let beat = 0; beat < 30; beat++) {
    for (const { come } of house) come(3)
    source.clock.beat()
  }
  for (const { sinks } of house)
    for (const sink of sinks) {
      const { video, audio } = received(sink.bytes)
      t.ok(video.length > 30 && audio.length > 30)
      t.ok(contiguous(video) && contiguous(audio))
    }
})

/** 40 ms of nine cameras of 20 Mbit/s, all of which send a keyframe at once. */
const WORST = { bitrate: 20_000_000, fps: 25, gop: 0.4, audio: 'aac' } as const

t.test('a limit is exceeded in the worst beat, or costs those who keep up a picture', async t => {
  for (const limits of [
    houseLimits(),
    houseLimits({ processBytes: 8 * MIB }),
    houseLimits({ streamBytes: MIB, viewerBytes: MIB, fragmentBytes: MIB }),
    houseLimits({ streamBytes: MIB, viewerBytes: MIB, fragmentBytes: MIB, processBytes: 6 * MIB }),
  ]) {
    const source = new ManualSource()
    const { live } = liveStreams(t, { maxStreams: 9, limits }, source)
    const house = await cameras(live, source, 9, WORST)
    for (let beat = 0; beat < 14; beat++) {
      for (const { come } of house) come(3)
      source.clock.beat()
      for (const { hub, viewers } of house) {
        if (hub.media.budget.peak > limits.streamBytes) t.fail(`a stream holds ${hub.media.budget.peak}`)
        for (const viewer of viewers)
          if (viewer.backlog > limits.viewerBytes) t.fail(`a viewer has ${viewer.backlog}`)
      }
    }
    t.ok(live.budget.peak <= limits.processBytes, `${live.budget.peak} of ${limits.processBytes}`)
    t.ok(live.budget.peak > limits.streamBytes / 2, 'it was the worst beat')
    for (const { hub, sinks } of house) {
      t.equal(hub.connects, 1, 'the camera stays connected')
      const { video } = received(Buffer.concat([sinks[0]!.bytes]))
      t.ok(video.length >= 20 && contiguous(video), `${video.length} pictures`)
    }
    live.close()
    t.equal(live.budget.used, 0)
  }
})

t.test(
  'a limit is exceeded in the worst beat by those who take nothing, or they take others with them',
  async t => {
    const limits = houseLimits({ processBytes: 16 * MIB, streamBytes: 4 * MIB, viewerBytes: 2 * MIB })
    const source = new ManualSource()
    const { live } = liveStreams(t, { maxStreams: 9, limits }, source)
    const house = await cameras(live, source, 9, WORST, 6)
    for (let beat = 0; beat < 40; beat++) {
      if (beat === 5) for (const { sinks } of house) for (const sink of sinks.slice(1)) sink.stalled = true
      if (beat === 30) for (const { sinks } of house) for (const sink of sinks.slice(1)) sink.resume()
      for (const { come } of house) come(3)
      source.clock.beat()
      for (const { viewers } of house)
        for (const viewer of viewers)
          if (viewer.backlog > limits.viewerBytes) t.fail(`a viewer has ${viewer.backlog}`)
    }
    t.ok(live.budget.peak <= limits.processBytes)
    for (const { hub, sinks } of house) {
      t.ok(hub.media.budget.peak <= limits.streamBytes)
      const { video } = received(sinks[0]!.bytes)
      t.ok(video.length >= 30 && contiguous(video), `${video.length} pictures`)
      t.equal(sinks[0]!.ended, undefined)
      const [, framed, ...others] = sinks
      t.ok(contiguous(received(Buffer.concat(messages(framed!.bytes))).video))
      for (const sink of others) t.ok(contiguous(received(sink.bytes).video))
    }
    live.close()
    t.equal(live.budget.used, 0)
  },
)

t.test('a camera that floods within one beat is lost, or costs those who keep up a picture', async t => {
  const limits = houseLimits({ streamBytes: 256 * KIB, viewerBytes: 64 * KIB, fragmentBytes: 64 * KIB })
  const source = new ManualSource()
  const { live } = liveStreams(t, { limits }, source)
  const [door] = await cameras(live, source, 1, { bitrate: 400_000, fps: 10, gop: 1 })
  door!.come(200)
  source.clock.beat()
  for (const sink of door!.sinks) {
    const { video } = received(sink.bytes)
    t.equal(video.length, 201)
    t.ok(contiguous(video))
  }
  t.equal(door!.hub.connects, 1)
  t.ok(door!.hub.media.budget.peak <= limits.streamBytes)
})

function houseLimits(change: Partial<LiveOptions['limits']> = {}) {
  return {
    fragmentBytes: 2 * MIB,
    viewerBytes: 2 * MIB,
    streamBytes: 6 * MIB,
    processBytes: 24 * MIB,
    ...change,
  }
}

/** Cameras that have sent a keyframe, each with viewers who have it. */
async function cameras(
  live: ReturnType<typeof liveStreams>['live'],
  source: ManualSource,
  count: number,
  footage: Parameters<typeof camera>[0],
  viewerCount = 2,
) {
  const house = []
  for (let i = 0; i < count; i++) {
    const cam = camera(footage, 250)
    const finding = live.find(`cam ${i}`, PLAIN_VIDEO)
    source.send(cam.init)
    const hub: Hub = await finding
    const connection = source.opened.at(-1)!
    source.send(...cam.take(1))
    const sinks = Array.from({ length: viewerCount }, () => new ManualSink())
    const viewers = sinks.map((sink, seat) =>
      live.subscribe(hub, sink, {
        framing: seat === 1 && viewerCount > 2 ? websocket : raw,
        plainVideo: false,
      }),
    )
    const come = (boxes: number) => {
      if (!connection.closed) for (const box of cam.take(boxes)) connection.receiver.data(box)
    }
    house.push({ hub, sinks, viewers, come })
  }
  return house
}
