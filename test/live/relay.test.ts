import t, { type Test } from 'tap'
import { raw, websocket } from '../../src/live/framing.ts'
import { box } from '../support/fmp4.ts'
import { camera, contiguous, received } from '../support/live-footage.ts'
import { random } from '../support/random.ts'
import { countedRelays, handFed, streamOf, withoutRelays } from '../support/relayed.ts'
import { until } from '../support/until.ts'
import { messages } from '../support/websocket-frames.ts'

const CAMERA = { fps: 30, gop: 1, audio: 'aac', bitrate: 1_000_000 } as const

const isBegunAlike = (one: Buffer, other: Buffer) => {
  const length = Math.min(one.length, other.length)
  return one.subarray(0, length).equals(other.subarray(0, length))
}

/** The same camera twice, relayed and not, with the same viewers. */
async function twice(t: Test, options: Parameters<typeof camera>[0] = CAMERA) {
  const go2rtc = await handFed(t)
  const cam = camera(options, 3000)
  const { fanOut, relays } = countedRelays()
  const relayed = await streamOf(t, go2rtc, cam.init, fanOut)
  const plain = await streamOf(t, go2rtc, cam.init, withoutRelays)
  const viewers: { relayed: () => Buffer; plain: () => Buffer; leave: () => void }[] = []
  let sent = 0
  const send = async (bytes: Uint8Array) => {
    sent += bytes.length
    await go2rtc.send(bytes)
  }
  /** Both have read as much, and so much at least. */
  const read = (bytes = 0) =>
    until(() => {
      relayed.settle()
      return relayed.hub.received === plain.hub.received && plain.hub.received >= bytes
    })
  /** Both have sent all that they have read. */
  const allSent = async () => {
    await read()
    while ([relayed, plain].some(({ hub }) => hub.due < hub.ring.next)) {
      await send(cam.take(1)[0]!)
      await read()
    }
  }
  const join = async (framing = websocket, plainVideo = false) => {
    await read(sent)
    const [one, other] = [await relayed.join(framing, plainVideo), await plain.join(framing, plainVideo)]
    const leave = () => {
      one.near.destroy()
      other.near.destroy()
    }
    viewers.push({ relayed: one.received, plain: other.received, leave })
  }
  const same = async (t: Test) => {
    for (const { plain, relayed } of viewers) {
      await until(() => relayed().length === plain().length || !isBegunAlike(relayed(), plain()))
      t.ok(plain().length > 0)
      t.ok(relayed().equals(plain()), `${plain().length} bytes`)
    }
  }
  return { go2rtc, cam, relays, relayed, plain, send, join, allSent, same, viewers }
}

t.test('viewers are sent other bytes, or in another order, than without a relay', async t => {
  const { cam, send, join, allSent, same, relays, viewers } = await twice(t)
  const next = random(5)
  const upTo = (n: number) => Math.floor(next() * n)
  for (let round = 0; round < 40; round++) {
    const bytes = Buffer.concat(cam.take(5 + upTo(30)))
    for (let at = 0; at < bytes.length; ) {
      const end = Math.min(bytes.length, at + 1 + upTo(20_000))
      await send(bytes.subarray(at, end))
      at = end
    }
    if (round % 4 === 0) await join(round % 3 === 0 ? raw : websocket)
    if (round === 25) viewers[2]!.leave()
  }
  await allSent()
  await same(t)
  t.ok(relays.packets > 300, `${relays.packets} packets were relayed`)
})

t.test('one packet at a time, as cameras send: they are relayed, and told ten times a second', async t => {
  const { cam, send, join, allSent, same, relays } = await twice(t)
  await send(Buffer.concat(cam.take(40)))
  await join()
  await join(raw)
  for (const fragment of cam.take(400)) {
    await send(fragment)
    await new Promise(resolve => setTimeout(resolve, 2))
  }
  await allSent()
  await same(t)
  t.ok(relays.packets > 200, `${relays.packets} of 400`)
  t.ok(relays.stops < relays.packets / 2, `fetched ${relays.stops} times`)
})

t.test('what is not an ordinary fragment is relayed, or what comes behind it is lost', async t => {
  const wide = (fragment: Buffer) => {
    const moof = fragment.readUInt32BE(0)
    const mdat = fragment.subarray(moof + 8)
    const header = Buffer.alloc(16)
    header.writeUInt32BE(1, 0)
    header.write('mdat', 4, 'latin1')
    header.writeBigUInt64BE(BigInt(mdat.length + 16), 8)
    return Buffer.concat([fragment.subarray(0, moof), header, mdat])
  }
  const cases: Record<string, (fragment: Buffer) => Buffer> = {
    'boxes in between': fragment => Buffer.concat([box('free', Buffer.alloc(30)), fragment]),
    'a header of 16 bytes': wide,
    'an empty box behind it': fragment => Buffer.concat([fragment, box('styp')]),
  }
  const { cam, send, join, allSent, same, relays } = await twice(t)
  await send(Buffer.concat(cam.take(40)))
  await join()
  await join(raw)
  for (const [name, change] of Object.entries(cases)) {
    for (const fragment of cam.take(40)) await send(fragment)
    const before = relays.packets
    for (const fragment of cam.take(6)) await send(change(fragment))
    for (const fragment of cam.take(60)) await send(fragment)
    t.ok(relays.packets > before, `${name}: relayed again`)
  }
  await allSent()
  await same(t)
})

t.test('large keyframes, gaps and steps back of the camera’s clock tear viewers apart', async t => {
  const { cam, send, join, allSent, relays, plain, viewers, same } = await twice(t, {
    ...CAMERA,
    bitrate: 4_000_000,
  })
  const other = camera({ ...CAMERA, bitrate: 4_000_000 }, 600)
  await send(Buffer.concat(cam.take(80)))
  await join()
  await join(raw)
  for (const fragment of cam.take(200)) await send(fragment)
  cam.take(400)
  for (const fragment of cam.take(200)) await send(fragment)
  for (const fragment of other.take(300)) await send(fragment)
  await until(() => plain.hub.received > 900_000)
  await allSent()
  await same(t)
  t.ok(relays.packets > 200, `${relays.packets} packets were relayed`)
  const { video } = received(Buffer.concat(messages(viewers[0]!.relayed())))
  t.ok(contiguous(video), 'gaps are closed up')
})

t.test('other tracks right behind what was relayed crash the server, or viewers go on', async t => {
  const { cam, go2rtc, relays, relayed, plain } = await twice(t)
  const other = camera({ ...CAMERA, width: 320, height: 240, audio: 'none' }, 100)
  await go2rtc.send(Buffer.concat(cam.take(40)))
  await until(() => plain.hub.ring.next === 40 && relayed.hub.ring.next === 40)
  const ends = [await relayed.join(websocket), await plain.join(websocket)]
  for (const fragment of cam.take(20)) await go2rtc.send(fragment)
  await go2rtc.send(Buffer.concat([...cam.take(2), other.init, ...other.take(40)]))
  for (const { far, ended } of ends) {
    await until(() => far.closed)
    t.equal(ended(), 'changed')
  }
  t.ok(relays.packets > 10)
  const [one, another] = ends.map(({ received }) => received())
  t.ok(isBegunAlike(one!, another!))
  await until(() => plain.hub.ring.next === 102 && relayed.hub.ring.next === 102)
  t.same([relayed.lost(), plain.lost()], [[], []])
})

t.test('a broken stream crashes the relay, or viewers are sent what they would not be without', async t => {
  const seed = Number(process.env.SEED ?? 1)
  const next = random(seed)
  const upTo = (n: number) => Math.floor(next() * n)
  const evil = [0, 1, 7, 8, 9, 16, 0x7f, 0xff, 0xffff, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff]
  let relayedPackets = 0
  const codes = new Set<unknown>()
  for (let i = 0; i < Number(process.env.RELAY_MUTATIONS ?? 60); i++)
    await t.test(`case ${i} of seed ${seed}`, async t => {
      const { cam, send, join, same, go2rtc, relayed, plain, relays } = await twice(t, {
        ...CAMERA,
        bitrate: 200_000,
      })
      await send(Buffer.concat(cam.take(20)))
      await join()
      await join(raw)
      for (const fragment of cam.take(20)) await send(fragment)
      const bytes = Buffer.from(Buffer.concat(cam.take(10)))
      for (let change = upTo(3); change >= 0; change--) {
        const at = upTo(bytes.length - 8)
        const kind = upTo(4)
        if (kind === 0) bytes[at] = upTo(256)
        else if (kind === 1) bytes.writeUInt32BE(evil[upTo(evil.length)]!, at)
        else if (kind === 2) bytes.writeUInt32BE(evil[upTo(evil.length)]!, 8 * upTo(20))
        else bytes.copyWithin(at, at + 1 + upTo(16))
      }
      for (let at = 0; at < bytes.length; ) {
        const end = Math.min(bytes.length, at + 1 + upTo(3000))
        await send(bytes.subarray(at, end))
        at = end
      }
      for (const consumer of go2rtc.consumers) consumer.end()
      await until(() => relayed.lost().length > 0 && plain.lost().length > 0)
      t.same(relayed.lost(), plain.lost())
      for (const code of plain.lost()) codes.add(code)
      await same(t)
      relayedPackets += relays.packets
    })
  t.ok(relayedPackets > 500, `${relayedPackets} packets were relayed`)
  t.ok(codes.size > 2, [...codes].join(', '))
})
