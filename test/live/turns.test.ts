import t, { type Test } from 'tap'
import type { SyntheticOptions } from '../../demo/footage/synthetic.ts'
import { ByteBudget } from '../../src/live/budget.ts'
import { Cohort } from '../../src/live/cohort.ts'
import type { FanOut } from '../../src/live/fan-out.ts'
import { raw, websocket } from '../../src/live/framing.ts'
import { Packet } from '../../src/live/packet.ts'
import { PLAIN_VIDEO } from '../../src/live/playable.ts'
import { Ring } from '../../src/live/ring.ts'
import { Scratch } from '../../src/live/scratch.ts'
import type { Subscriber } from '../../src/live/subscriber.ts'
import { Timelines } from '../../src/live/timelines.ts'
import { footage, read } from '../support/fmp4.ts'
import { liveStreams, ManualSink, ManualSource, manualFanOut } from '../support/live.ts'
import { camera, contiguous, received } from '../support/live-footage.ts'
import { until } from '../support/until.ts'
import { messages } from '../support/websocket-frames.ts'

const KIB = 1024
const LIMITS = {
  fragmentBytes: 256 * KIB,
  viewerBytes: 512 * KIB,
  streamBytes: 4096 * KIB,
  processBytes: 8192 * KIB,
}

/** Takes longer for each call than a turn of the event loop may take. */
const slowFanOut: FanOut = {
  ...manualFanOut,
  send(...args) {
    const until = performance.now() + 6
    while (performance.now() < until);
    return manualFanOut.send(...args)
  },
}

const turn = () => new Promise(resolve => setImmediate(resolve))

/** Each call of the fan-out sends to some of a crowd. */
const SMALL = { bitrate: 800_000, syncWeight: 1 }

async function crowd(t: Test, viewers: number, footage: SyntheticOptions = SMALL) {
  const source = new ManualSource()
  const { live } = liveStreams(t, { fanOut: slowFanOut, limits: LIMITS }, source)
  const cam = camera({ audio: 'aac', gop: 0.5, ...footage }, 3000)
  const finding = live.find('Door', PLAIN_VIDEO)
  source.send(cam.init)
  const hub = await finding
  const all: { sink: ManualSink; subscriber: Subscriber; media: () => Buffer }[] = []
  const gone = new Set<number>()
  const join = () => {
    const sink = new ManualSink()
    const framing = all.length % 3 === 0 ? websocket : raw
    const subscriber = live.subscribe(hub, sink, { framing, plainVideo: false })
    const media = () => (framing === websocket ? Buffer.concat(messages(sink.bytes)) : sink.bytes)
    all.push({ sink, subscriber, media })
  }
  const send = (count: number) => source.send(...cam.take(count))
  send(10)
  for (let i = 0; i < viewers; i++) {
    if (i % 20 === 0) send(7)
    join()
  }
  /** At least one, up to one that goes at once. */
  const sendDue = () => {
    do send(1)
    while (hub.due < hub.ring.next)
  }
  const settled = async () => {
    if (hub.due < hub.ring.next) sendDue()
    for (let i = 0; all.some(({ subscriber }, i) => !gone.has(i) && subscriber.backlog > 0); i++) {
      if (i > 1000) throw new Error('some are never sent to')
      await turn()
    }
  }
  await settled()
  return { live, hub, all, gone, join, send, sendDue, settled }
}

t.test('many viewers hold up everybody else until the last of them is sent to', async t => {
  const { all, sendDue, settled } = await crowd(t, 150, { bitrate: 2_000_000 })
  const sizes = () => all.map(({ sink }) => sink.bytes.length)
  let before: number[] = []
  let now = 150
  // A packet of sound is sent to all of them in one call.
  for (let i = 0; i < 20 && now === 150; i++) {
    await settled()
    before = sizes()
    sendDue()
    now = sizes().filter((size, i) => size > before[i]!).length
  }
  t.ok(now > 0 && now < 150, `${now} in the first turn`)
  await settled()
  t.notOk(sizes().some((size, i) => size === before[i]))
})

for (const [keyframes, footage] of [
  ['joined', SMALL],
  ['too large to be joined', { bitrate: 2_000_000 }],
] as const)
  t.test(`what happens between two turns tears a stream apart: keyframes ${keyframes}`, async t => {
    const { live, hub, all, gone, join, send, settled } = await crowd(t, 120, footage)
    let seed = 7
    const random = (below: number) => {
      seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31
      return seed % below
    }
    for (let i = 0; i < 150; i++) {
      send(random(3))
      const which = random(all.length)
      const { sink, subscriber } = all[which]!
      switch (random(6)) {
        case 0:
          subscriber.close()
          gone.add(which)
          break
        case 1:
          if (!gone.has(which)) subscriber.skip()
          break
        case 2:
          sink.stalled = true
          break
        case 3:
          join()
          break
        default:
          for (const { sink } of all) if (sink.stalled && random(2)) sink.resume()
      }
      if (random(2)) await turn()
    }
    for (const { sink } of all) sink.resume()
    send(12)
    await settled()
    t.ok(gone.size > 5)
    for (const [i, { media }] of all.entries()) {
      if (gone.has(i)) continue
      const { video, audio } = received(media())
      t.ok(contiguous(video) && contiguous(audio), `viewer ${i}`)
      t.ok(video.length > 3)
    }
    t.equal(live.viewers, all.length - gone.size)
    send(1)
    hub.close()
    await turn()
    t.equal(live.viewers, 0)
    t.equal(live.budget.used, 0)
  })

t.test('nobody is there any more when the next turn comes', async t => {
  const { all, hub, send, join, settled } = await crowd(t, 100)
  send(1)
  for (const { subscriber } of all) subscriber.close()
  all.length = 0
  join()
  send(3)
  await settled()
  t.ok(contiguous(received(Buffer.concat(messages(all[0]!.sink.bytes))).video))
  t.equal(hub.viewers, 1)
})

t.test('what is to wait goes along with what many viewers are still being sent', async t => {
  const { inits, fragments } = read(footage({ ...SMALL, audio: 'none', fps: 10, gop: 1 }, 3))
  const budget = new ByteBudget(8192 * KIB, () => {})
  const ring = new Ring()
  const append = () => {
    const sequence = ring.next
    const fragment = fragments[sequence]!
    budget.take(fragment.moof.length + fragment.mdat.length)
    const place = { sequence, decodeTime: fragment.decodeTime, position: 0, startsGop: sequence === 0 }
    ring.append(new Packet(fragment, place, budget))
    return ring.newest!.bytes
  }
  const joiner = new Timelines(ring, inits[0]!, budget, new Scratch()).joiner(raw)
  const cohort = new Cohort(
    slowFanOut,
    joiner,
    1,
    () => {},
    () => joiner.settle(),
  )
  const sinks = Array.from({ length: 60 }, () => new ManualSink())
  for (const { outlet } of sinks) {
    const member = {
      outlet,
      shifts: [0],
      ends: [0],
      blocks: undefined,
      seat: 0,
      fallOut() {},
      sendRest() {},
      end() {},
    }
    t.ok(cohort.add(member, 0, [0]))
  }
  const sent = (bytes: number) => until(() => sinks.every(sink => sink.bytes.length === bytes))
  const first = append()
  cohort.send(1)
  const second = append()
  t.ok(await sent(first))
  for (let i = 0; i < 5; i++) await turn()
  t.equal(cohort.cursor, 1)
  cohort.send(2)
  const third = append()
  cohort.send(3)
  t.ok(await sent(first + second + third))
  t.equal(cohort.cursor, 3)
})

t.test('a crowd between two turns is taken for laggards when memory runs out', async t => {
  const { hub, all, sendDue, settled } = await crowd(t, 150, { bitrate: 2_000_000 })
  do sendDue()
  while (all.every(({ subscriber }) => subscriber.backlog === 0))
  t.throws(() => hub.memory.take(hub.memory.limit), { code: 'LIVE_BUDGET' })
  t.equal(hub.gopStart, undefined, 'everything else was given up')
  t.equal(hub.drops.skips, 0)
  await settled()
  sendDue()
  await settled()
  for (const { media } of all) t.ok(contiguous(received(media()).video))
})
