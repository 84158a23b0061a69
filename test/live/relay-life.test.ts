import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import t, { type Test } from 'tap'
import { compileAddon } from '../../build/addon.ts'
import { BLOCK_BYTES } from '../../src/live/block-fill.ts'
import { CameraConnection, type Receiver } from '../../src/live/camera-connection.ts'
import { loadFanOut } from '../../src/live/fan-out.ts'
import { raw, websocket } from '../../src/live/framing.ts'
import { STAGING_BYTES } from '../../src/live/relay.ts'
import type { Tap } from '../../src/live/tap.ts'
import { camera, contiguous, received } from '../support/live-footage.ts'
import { CountedMemory } from '../support/memory.ts'
import { countedRelays, handFed, streamOf } from '../support/relayed.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { cc } from '../support/tools.ts'
import { until } from '../support/until.ts'
import { messages } from '../support/websocket-frames.ts'

const CAMERA = { fps: 30, gop: 1, audio: 'aac', bitrate: 1_000_000 } as const
const KIB = 1024
const CRAMPED = {
  limits: { fragmentBytes: 64 * KIB, viewerBytes: 64 * KIB, streamBytes: 512 * KIB, processBytes: 512 * KIB },
}
const SMALL = { ...CAMERA, bitrate: 400_000 }

async function relayed(t: Test, { options = {}, footage = CAMERA as Parameters<typeof camera>[0] } = {}) {
  const go2rtc = await handFed(t)
  const cam = camera(footage, 4000)
  const { fanOut, relays } = countedRelays()
  const stream = await streamOf(t, go2rtc, cam.init, fanOut, options)
  const send = async (count: number) => {
    for (const fragment of cam.take(count)) await go2rtc.send(fragment)
  }
  const bytes = async (count: number) => {
    const before = stream.hub.received
    const fragments = cam.take(count)
    let sent = 0
    for (const fragment of fragments) {
      sent += fragment.length
      await go2rtc.send(fragment)
    }
    await until(() => {
      stream.settle()
      return stream.hub.received >= before + sent
    })
  }
  return { ...stream, go2rtc, cam, relays, send, sendAll: bytes }
}

t.test(
  'a viewer that does not take everything is left with half a frame, or holds up the others',
  async t => {
    const { hub, join, send, sendAll, relays } = await relayed(t)
    await sendAll(30)
    const [slow, healthy, other] = [await join(websocket), await join(websocket), await join(raw)]
    slow.far.pause()
    while (relays.fallen === 0) await send(1)
    await sendAll(60)
    t.ok(healthy.received().length > 0 && other.received().length > 0)
    slow.far.resume()
    await until(() => [...hub.subscribers].every(subscriber => subscriber.backlog === 0))
    const before = relays.packets
    await sendAll(200)
    t.ok(relays.packets > before)
    for (const { received: bytes } of [slow, healthy]) {
      const { video } = received(Buffer.concat(messages(bytes())))
      t.ok(contiguous(video), 'whole frames, nothing twice, what was left out closed up')
    }
    t.ok(contiguous(received(other.received()).video))
    t.equal(hub.viewers, 3)
    t.equal(hub.drops.skips <= 1, true)
  },
)

t.test('many fall behind with the same write, in GOPs of their own', async t => {
  const { join, send, sendAll, relays, hub } = await relayed(t)
  const slow: Awaited<ReturnType<typeof join>>[] = []
  for (let i = 0; i < 6; i++) {
    await sendAll(i % 2 === 0 ? 80 : 1)
    slow.push(await join(i % 3 === 0 ? raw : websocket))
  }
  for (const { far } of slow) far.pause()
  while (relays.fallen < 6) await send(1)
  for (const { far } of slow) far.resume()
  await until(() => [...hub.subscribers].every(subscriber => subscriber.backlog === 0))
  await sendAll(100)
  for (const [i, { received: bytes }] of slow.entries()) {
    const media = i % 3 === 0 ? bytes() : Buffer.concat(messages(bytes()))
    const { video, audio } = received(media)
    t.ok(video.length > 50)
    t.ok(contiguous(video))
    t.ok(contiguous(audio))
  }
})

t.test('who has gone is sent to, or whoever has its place gets what it should have had', async t => {
  const { join, send, sendAll, live } = await relayed(t)
  await sendAll(30)
  const staying = await join(websocket)
  for (const go of ['destroy', 'resetAndDestroy', 'far', 'end'] as const) {
    const going = await join(websocket)
    await send(3)
    if (go === 'far') going.far.destroy()
    else going.near[go]()
    const coming = await join(raw)
    for (let i = 0; live.viewers > 2; i++) await send(i < 200 ? 1 : 0)
    await sendAll(20)
    t.ok(contiguous(received(coming.received()).video))
    coming.watching.close()
  }
  staying.watching.close()
  t.equal(live.viewers, 0)
  t.ok(await until(() => contiguous(received(Buffer.concat(messages(staying.received()))).video)))
})

t.test('what a relay holds is not given back when the last viewer goes', async t => {
  const { hub, join, send, sendAll, relays, live } = await relayed(t)
  await sendAll(30)
  const before = live.budget.used
  const viewer = await join(websocket)
  await sendAll(30)
  t.ok(relays.starts > 0)
  await send(10)
  t.ok(live.budget.used >= STAGING_BYTES)
  viewer.watching.close()
  t.equal(hub.viewers, 0)
  t.ok(live.budget.used < before + STAGING_BYTES)
  const { stops } = relays
  await until(async () => {
    await send(1)
    return hub.gop.lastSeconds !== undefined
  })
  t.equal(relays.stops, stops, 'nothing is relayed to nobody')
  const another = await join(websocket)
  const { starts } = relays
  await sendAll(30)
  t.ok(relays.starts > starts, 'and it is again for the next')
  another.watching.close()
})

t.test('a stream that is closed, or whose camera is silent, is relayed on', async t => {
  for (const how of ['closed', 'silent', 'reset'] as const) {
    const { hub, join, send, sendAll, live, lost, go2rtc, relays } = await relayed(t, {
      options: { silentMs: 300 },
    })
    await sendAll(30)
    const viewer = await join(websocket)
    const { sequence: first } = hub.gopStart!
    await sendAll(10)
    await send(6)
    const fragments = () => received(Buffer.concat(messages(viewer.received()))).all.length
    if (how === 'closed') live.close()
    if (how === 'reset') go2rtc.consumers[0]!.resetAndDestroy()
    if (how !== 'closed') await until(() => lost().length > 0)
    if (how === 'silent') t.same(lost(), ['LIVE_UPSTREAM_SILENT'])
    const { starts } = relays
    if (how === 'closed') await once(viewer.far, 'close')
    else await until(() => fragments() === 46 - first)
    const sent = fragments()
    if (how !== 'reset') await send(20)
    t.equal(fragments(), sent)
    t.equal(relays.starts, starts)
    if (how === 'closed') t.equal(viewer.ended(), 'closed')
    else t.equal(hub.ring.next, 46, 'all that came before is there')
    live.close()
    t.equal(live.budget.used, 0)
  }
})

t.test('a stream without room for what has been relayed keeps viewers who miss some of it', async t => {
  const { hub, join, send, sendAll, relays, live, lost } = await relayed(t, {
    options: CRAMPED,
    footage: SMALL,
  })
  await sendAll(20)
  const viewer = await join(websocket)
  await sendAll(10)
  const { starts } = relays
  while (relays.starts === starts) await send(1)
  hub.dropGop()
  const rest = live.budget.free
  t.ok(hub.memory.takeFree(rest))
  await until(async () => {
    await send(1)
    return lost().length > 0
  })
  hub.memory.give(rest)
  t.same(lost(), ['LIVE_BUDGET_EXHAUSTED'])
  t.equal(viewer.ended(), 'evicted')
})

t.test('who is leaving when what was relayed finds no room keeps the server busy for ever', async t => {
  const { hub, join, send, sendAll, relays, live, lost } = await relayed(t, {
    options: CRAMPED,
    footage: SMALL,
  })
  await sendAll(20)
  const viewers = [await join(websocket), await join(websocket)]
  await sendAll(10)
  const { starts } = relays
  while (relays.starts === starts) await send(1)
  hub.dropGop()
  const rest = live.budget.free
  t.ok(hub.memory.takeFree(rest))
  const before = viewers[0]!.received().length
  await send(2)
  await until(() => viewers[0]!.received().length > before)
  viewers[0]!.watching.close()
  hub.memory.give(rest)
  t.same(lost(), ['LIVE_BUDGET_EXHAUSTED'])
  t.equal(viewers[0]!.ended(), undefined)
  t.equal(viewers[1]!.ended(), 'evicted')
  t.equal(hub.viewers, 0)
})

t.test('a kept GOP is given up for the sake of a relay, again and again', async t => {
  const limits = {
    fragmentBytes: 64 * KIB,
    viewerBytes: 256 * KIB,
    streamBytes: 640 * KIB,
    processBytes: 4096 * KIB,
  }
  const { hub, join, sendAll, relays } = await relayed(t, {
    options: { limits },
    footage: { ...CAMERA, audio: 'none', gop: 4 },
  })
  await sendAll(20)
  await join(websocket)
  const given: boolean[] = []
  for (let i = 0; i < 20; i++) {
    await sendAll(30)
    given.push(hub.gopStart === undefined)
  }
  t.ok(relays.starts > 0)
  t.equal(given.lastIndexOf(true) < 8, true, 'in the first GOP at most')
  t.notOk(hub.gop.tooLarge)
})

t.test('a camera is thought to be silent whose packets have been relayed and not been told of', async t => {
  const cam = camera(CAMERA)
  let receiver: Receiver | undefined
  const lost: string[] = []
  let relayedPackets = 3
  const connection = new CameraConnection(
    given => {
      receiver = given
      return { fd: -1, close() {}, rest() {}, wake() {} }
    },
    new CountedMemory(),
    { fragmentBytes: 64 * KIB, initBytes: 64 * KIB, silentMs: 20, retryMs: 60_000 },
    {
      init() {},
      fragment() {},
      chunkDone() {},
      leaving: () => {
        if (relayedPackets-- > 0) connection.take(cam.take(1)[0]!)
      },
      lost: error => lost.push(error.code),
    },
  )
  t.teardown(() => connection.close())
  connection.connect()
  receiver!.data(Buffer.concat([cam.init, ...cam.take(1)]))
  await until(() => lost.length > 0)
  t.same(lost, ['LIVE_UPSTREAM_SILENT'])
  t.ok(relayedPackets < 0, 'none had come')
})

t.test('who waits for each packet is told of it a tenth of a second later', async t => {
  const { hub, join, send, sendAll, relays } = await relayed(t)
  await sendAll(30)
  await join(websocket)
  await sendAll(10)
  let packets = 0
  let urgent = false
  const tap = {
    get urgent() {
      return urgent
    },
    packet: () => packets++,
    flush() {},
  } as unknown as Tap
  const detach = hub.attach(tap)
  while (relays.starts === 0) await send(1)
  urgent = true
  hub.hurry()
  const { starts } = relays
  const before = packets
  for (let i = 1; i <= 20; i++) {
    await send(1)
    await until(() => packets >= before + i)
  }
  t.equal(relays.starts, starts, 'nothing is relayed for as long')
  detach()
  await until(async () => {
    await send(1)
    return relays.starts > starts
  })
})

t.test(
  'the blocks of a plain <video> that once did not take everything end elsewhere ever after',
  async t => {
    const { hub, join, send, sendAll, relays } = await relayed(t, {
      footage: { ...CAMERA, audio: 'none', bitrate: 400_000 },
    })
    await sendAll(30)
    const plain = await join(raw, true)
    const [subscriber] = [...hub.subscribers]
    /** Where the boxes that fill blocks up end, from the start of their block. */
    const fillEnds = () => {
      const bytes = plain.received()
      const ends: number[] = []
      for (let at = 0; at + 8 <= bytes.length; ) {
        const isFill = bytes.toString('latin1', at + 4, at + 8) === 'free'
        at += bytes.readUInt32BE(at)
        if (isFill) ends.push(at % BLOCK_BYTES)
      }
      return ends
    }
    while (fillEnds().length < 8 || relays.packets < 20) {
      await send(1)
      await sleep(8)
    }
    plain.far.pause()
    while (relays.fallen === 0) await send(1)
    plain.far.resume()
    await until(() => !subscriber!.isWriting && subscriber!.backlog === 0)
    const before = fillEnds().length
    while (fillEnds().length < before + 6) {
      await send(1)
      await sleep(33)
    }
    t.same([...new Set(fillEnds().slice(before + 1))], [0])
  },
)

t.test('a plain <video> with a slow camera waits for its blocks to be full', async t => {
  const { join, send, sendAll, relays } = await relayed(t, {
    footage: { ...CAMERA, bitrate: 100_000, gop: 4 },
  })
  await sendAll(60)
  const plain = await join(raw, true)
  const fills = () => plain.received().toString('latin1').split('free').length - 1
  const begun = performance.now()
  while (performance.now() - begun < 1500 || relays.packets < 20) {
    await send(1)
    await sleep(10)
  }
  const before = fills()
  const relayedBefore = relays.packets
  await until(async () => {
    await send(1)
    await sleep(10)
    return fills() > before + 3
  })
  t.ok(relays.packets > relayedBefore, 'while it is relayed to')
  t.ok(contiguous(received(plain.received()).video))
})

t.test('two event loops of a process are relayed in, which take each other’s connections', async t => {
  const addon = join(await temporaryFolder(t), 'fan-out.node')
  compileAddon(join(import.meta.dirname, '../../src/live/fan-out.c'), addon, cc())
  t.ok(loadFanOut(addon)!.relays)
  const code = `const { parentPort, workerData } = require('node:worker_threads')
    const { open, relays } = require(workerData)
    parentPort.postMessage([typeof open, typeof relays])`
  const worker = new Worker(code, { eval: true, workerData: addon })
  t.same(await once(worker, 'message'), [['function', 'undefined']])
})

t.test('arguments that make no sense crash the process', async t => {
  const binding = countedRelays().fanOut.relays!
  t.throws(() => binding.create(Buffer.alloc(10), () => {}))
  t.throws(() => binding.create('x' as unknown as Buffer, () => {}))
  const relay = binding.create(Buffer.alloc(STAGING_BYTES), () => {})
  const seat = (audience: number, outlets: Int32Array, shifts: Float64Array, count: number) =>
    binding.seat(relay, audience, true, outlets, shifts, new Int32Array(1), new Float64Array(1), count)
  const report = new Float64Array(4 + 3 * 32)
  const plan = Float64Array.from([1000, 1000, 12, 95, 10, 100, 1, 0, 0, 1000, 1, 0, 0])
  t.equal(binding.start(relay, 1, plan), false, 'nobody is seated')
  t.equal(seat(0, new Int32Array(1), new Float64Array(1), 2), false)
  t.equal(seat(0, new Int32Array(1), new Float64Array(9), 1), false, 'nine tracks')
  t.equal(seat(0, Int32Array.from([-1]), new Float64Array(1), 1), true)
  for (const audience of [-1, 2]) t.equal(seat(audience, new Int32Array(1), new Float64Array(1), 1), false)
  for (const fd of [-1, 2 ** 30, 0]) t.equal(binding.start(relay, fd, plan), false)
  t.equal(binding.start(relay, 1, plan.subarray(0, 4)), false)
  t.equal(binding.stop(relay, report), 0)
  t.equal(binding.stop(relay, report.subarray(1)), -1)
  t.equal(binding.stop({} as typeof relay, report), -1)
  t.same(binding.fallen(relay), [])
  binding.close({} as typeof relay)
  binding.close(relay)
  binding.close(relay)
  t.equal(seat(0, new Int32Array(1), new Float64Array(1), 1), true)
  t.equal(binding.start(relay, 1, plan), false, 'it is closed')
})
