import { once } from 'node:events'
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { WebSocket, WebSocketServer } from 'ws'
import { directSocket } from '../../src/live/direct-write.ts'
import type { FanOut } from '../../src/live/fan-out.ts'
import { loadFanOut } from '../../src/live/fan-out.ts'
import { websocket } from '../../src/live/framing.ts'
import { PLAIN_VIDEO } from '../../src/live/playable.ts'
import { type Watching, watch } from '../../src/live/watch.ts'
import { compiledFanOut } from '../support/addon.ts'
import { connection } from '../support/connection.ts'
import { liveStreams, ManualSource } from '../support/live.ts'
import { camera, contiguous, received } from '../support/live-footage.ts'
import { until } from '../support/until.ts'

const fanOut = compiledFanOut()
const taken = new Int32Array(1)

/** Sends a text to outlets, and returns how many took it whole. */
const say = (text: string, ...outlets: number[]) =>
  fanOut.send(
    Buffer.from(text),
    undefined,
    new Float64Array(0),
    0,
    Int32Array.from(outlets),
    new Float64Array(outlets.length),
    0,
    outlets.length,
    taken,
  )

const outletOf = (socket: Socket) => fanOut.open(directSocket(socket)!.fd)

t.test('the sources do not run because nobody compiled the addon', async t => {
  t.equal(loadFanOut(), undefined)
})

t.test('bytes go to another connection than meant, or with the decode times of another viewer', async t => {
  const ends = await Promise.all([connection(t), connection(t), connection(t)])
  const outlets = Int32Array.from(ends, ({ near }) => outletOf(near))
  const bytes = Buffer.from('........,........;')
  const stamps = Float64Array.from([0, 2 ** 40 + 5, 0, 9, 1000, 1])
  const shifts = Float64Array.from([5, 1, 5, 1, 2 ** 40, 1000])
  t.equal(fanOut.send(bytes, undefined, stamps, 2, outlets, shifts, 1, 3, taken), 3, 'all but the first')
  t.equal(fanOut.send(bytes, undefined, stamps, 2, outlets, shifts, 0, 1, taken), 1)
  t.ok(await until(() => ends.every(({ received }) => received().length === bytes.length)))
  const times = ends.map(({ received }) => [received().readBigUInt64BE(0), received().readBigUInt64BE(9)])
  t.same(times, [
    [2n ** 40n, 999n],
    [2n ** 40n, 999n],
    [5n, 0n],
  ])
})

t.test('what goes behind the bytes is left out, or sent before them', async t => {
  const ends = await Promise.all([connection(t), connection(t)])
  const outlets = Int32Array.from(ends, ({ near }) => outletOf(near))
  const payload = Buffer.alloc(200_000, 'payload')
  const bytes = Buffer.from('........')
  const stamps = Float64Array.from([0, 2000, 0])
  t.equal(fanOut.send(bytes, payload, stamps, 1, outlets, Float64Array.from([1, 2]), 0, 2, taken), 2)
  t.ok(await until(() => ends.every(({ received }) => received().length >= 200_008)))
  for (const [i, { received }] of ends.entries()) {
    t.equal(received().readBigUInt64BE(0), 1999n - BigInt(i))
    t.ok(received().subarray(8).equals(payload))
  }
})

t.test('a message goes past what waits in the stream of its connection', async t => {
  const { near, far, received } = await connection(t)
  const outlet = outletOf(near)
  far.pause()
  const large = Buffer.alloc(16 * 1024 * 1024, 'large ')
  t.equal(say('first ', outlet), 1)
  near.write(large)
  t.equal(say('never ', outlet), 0)
  t.equal(taken[0], 0)
  far.resume()
  t.ok(await until(() => near.writableLength === 0))
  t.equal(say('last', outlet), 1)
  const all = Buffer.concat([Buffer.from('first '), large, Buffer.from('last')])
  t.ok(await until(() => received().length >= all.length))
  t.ok(received().equals(all))
})

t.test('a connection takes less than it is sent, and nobody is told', async t => {
  const { near, far, received } = await connection(t)
  const outlet = outletOf(near)
  far.pause()
  const text = 'abcdefg'.repeat(1024 * 1024)
  t.equal(say(text, outlet), 0)
  t.ok(taken[0]! > 0 && taken[0]! < text.length)
  const part = taken[0]!
  far.resume()
  t.ok(await until(() => received().length === part))
  t.equal(received().toString(), text.slice(0, part))
})

t.test('what a closed connection was sent goes to whatever has its file descriptor now', async t => {
  const folder = mkdtempSync(join(tmpdir(), 'fan-out-'))
  const { near } = await connection(t)
  const { fd } = directSocket(near)!
  const outlet = fanOut.open(fd)
  near.destroy()
  const opened: { file: string; fd: number }[] = []
  do {
    const file = join(folder, String(opened.length))
    opened.push({ file, fd: openSync(file, 'w') })
  } while (opened.at(-1)!.fd < fd)
  t.equal(opened.at(-1)!.fd, fd, 'a file has it')
  t.equal(say('secret', outlet), 0)
  t.equal(taken[0], 0)
  t.equal(fanOut.open(fd), -1, 'nor is a file a connection')
  await once(near, 'close')
  fanOut.close(outlet)
  t.equal(say('secret', outlet), 0)
  for (const { file, fd } of opened) {
    closeSync(fd)
    t.equal(readFileSync(file).length, 0)
  }
  rmSync(folder, { recursive: true })
  const { near: another } = await connection(t)
  t.equal(outletOf(another), outlet, 'its place is given to another')
})

t.test('something is sent behind the end of a connection', async t => {
  const { near, received } = await connection(t)
  const outlet = outletOf(near)
  near.end('end')
  t.equal(say('more', outlet), 0)
  t.ok(await until(() => received().length === 3))
  t.equal(say('more', outlet), 0)
})

t.test('numbers that no outlet has, or arguments that make no sense, crash the process', async t => {
  t.equal(fanOut.open(-1), -1)
  t.equal(fanOut.open(2 ** 30), -1)
  for (const outlet of [-1, 2 ** 30]) {
    fanOut.close(outlet)
    t.equal(say('x', outlet), 0)
  }
  const outlets = Int32Array.from([0])
  const shifts = new Float64Array(1)
  for (const place of [-1, 1, Number.NaN, Number.POSITIVE_INFINITY])
    t.throws(() =>
      fanOut.send(
        Buffer.alloc(8),
        undefined,
        Float64Array.from([place, 0, 0]),
        1,
        outlets,
        shifts,
        0,
        1,
        taken,
      ),
    )
  t.throws(() =>
    fanOut.send(Buffer.alloc(8), undefined, Float64Array.from([0, 0, 1]), 1, outlets, shifts, 0, 1, taken),
  )
  t.throws(() =>
    fanOut.send(Buffer.alloc(8), undefined, new Float64Array(3), 2, outlets, shifts, 0, 1, taken),
  )
  t.throws(() =>
    fanOut.send(Buffer.alloc(8), undefined, new Float64Array(3), 1, outlets, shifts, 0, 2, taken),
  )
})

const MIB = 1024 * 1024
const LIMITS = { fragmentBytes: MIB, viewerBytes: MIB, streamBytes: 8 * MIB, processBytes: 16 * MIB }

/** Counts what the fan-out does. */
class Counted implements FanOut {
  readonly open = fanOut.open
  readonly close = (outlet: number) => {
    this.closed++
    fanOut.close(outlet)
  }
  sent = 0
  stopped = 0
  closed = 0

  send(...args: Parameters<FanOut['send']>): number {
    const [, , , , , , from, to] = args
    const end = fanOut.send(...args)
    this.sent += end - from
    if (end < to) this.stopped++
    return end
  }
}

/** Viewers by WebSocket on a hub that sends by the addon. */
async function viewers(t: Test, bitrate = 400_000) {
  const counted = new Counted()
  const source = new ManualSource()
  const { live } = liveStreams(t, { fanOut: counted, stalledMs: 60_000, limits: LIMITS }, source)
  const cam = camera({ audio: 'aac', bitrate }, 4000)
  const finding = live.find('Door', PLAIN_VIDEO)
  source.send(cam.init)
  const hub = await finding
  const wss = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false, autoPong: false })
  await once(wss, 'listening')
  t.teardown(() => {
    for (const client of wss.clients) client.terminate()
    wss.close()
  })
  const join = async () => {
    const { port } = wss.address() as { port: number }
    const accepted = once(wss, 'connection')
    const client = new WebSocket(`ws://127.0.0.1:${port}`, { perMessageDeflate: false })
    const media: Buffer[] = []
    const texts: string[] = []
    const errors: unknown[] = []
    let controls = 0
    client.on('message', (data, binary) => {
      if (binary) media.push(data as Buffer)
      else texts.push(String(data))
    })
    client.on('ping', () => controls++)
    client.on('pong', () => controls++)
    client.on('error', error => errors.push(error))
    const [server, request] = (await accepted) as [WebSocket, { socket: Socket }]
    if (client.readyState !== client.OPEN) await once(client, 'open')
    const watching: Watching = watch(live, hub, request.socket, {
      framing: websocket,
      plainVideo: false,
      onEnd: () => server.terminate(),
    })
    return {
      client,
      server,
      socket: request.socket,
      watching,
      media,
      texts,
      errors,
      controls: () => controls,
    }
  }
  return { counted, hub, live, source, cam, join }
}

for (const [keyframes, bitrate] of [
  ['joined', 400_000],
  ['behind what is joined', 2_000_000],
] as const)
  t.test(
    `frames are torn where a full connection is sent pings, pongs and texts in between: keyframes ${keyframes}`,
    async t => {
      const { counted, hub, source, cam, join } = await viewers(t, bitrate)
      source.send(...cam.take(30))
      const [slow, healthy] = [await join(), await join()]
      source.send(...cam.take(30))
      t.ok(counted.sent > 0, 'they are sent to by the addon')
      slow.client.pause()
      let said = 0
      const sayAll = () => {
        said++
        slow.watching.betweenMessages(() => slow.server.send(`text ${said}`))
        slow.server.ping()
        slow.server.pong()
      }
      while (counted.stopped === 0) {
        source.send(...cam.take(1))
        if (said < 5) sayAll()
        await new Promise(resolve => setImmediate(resolve))
      }
      for (let i = 0; i < 20; i++) {
        sayAll()
        source.send(...cam.take(2))
      }
      slow.client.resume()
      t.ok(await until(() => slow.texts.length === said && slow.controls() === 2 * said))
      for (let i = 0; i < 120; i++) {
        source.send(...cam.take(1))
        await new Promise(resolve => setImmediate(resolve))
      }
      const before = counted.sent
      const stopped = counted.stopped
      for (let i = 0; i < 60; i++) {
        source.send(...cam.take(1))
        sayAll()
        await new Promise(resolve => setImmediate(resolve))
      }
      t.equal(counted.stopped, stopped)
      t.equal(counted.sent - before, 120, 'both are back in step')
      const newest = () => received(Buffer.concat(healthy.media)).all.length
      t.ok(await until(() => slow.texts.length === said && newest() > 100))
      t.same(
        slow.texts,
        slow.texts.map((_, i) => `text ${i + 1}`),
      )
      t.same([...slow.errors, ...healthy.errors], [])
      const { video, audio, all } = received(Buffer.concat(slow.media))
      t.ok(contiguous(video), 'what was left out is closed up')
      t.ok(all.length > 60)
      t.ok(audio.length > 0)
      t.equal(hub.viewers, 2)
    },
  )

t.test('viewers in GOPs of their own are sent the decode times of another', async t => {
  const { counted, source, cam, join } = await viewers(t)
  const joined = []
  for (let i = 0; i < 4; i++) {
    source.send(...cam.take(70))
    joined.push(await join())
  }
  source.send(...cam.take(300))
  t.ok(counted.sent >= 4 * 300)
  for (const { media } of joined) {
    t.ok(await until(() => received(Buffer.concat(media)).all.length >= 300))
    const { video, audio } = received(Buffer.concat(media))
    t.equal(video[0]!.decodeTime, 0)
    t.ok(contiguous(video))
    t.ok(contiguous(audio))
  }
})

t.test('a viewer that goes at any moment is sent to, or leaves its outlet behind', async t => {
  const { counted, live, source, cam, join } = await viewers(t)
  source.send(...cam.take(30))
  const staying = await join()
  for (const go of ['destroy', 'resetAndDestroy', 'far', 'end'] as const) {
    const going = await join()
    source.send(...cam.take(5))
    if (go === 'far') going.client.terminate()
    else going.socket[go]()
    for (let i = 0; live.viewers > 1; i++) {
      if (i < 50) source.send(...cam.take(1))
      await new Promise(resolve => setImmediate(resolve))
    }
  }
  t.ok(await until(() => counted.closed === 4))
  staying.watching.close()
  t.equal(live.viewers, 0)
  t.equal(counted.closed, 5)
  t.ok(await until(() => contiguous(received(Buffer.concat(staying.media)).video)))
})

t.test('a connection is taken for another among a thousand', async t => {
  const server = createServer(() => {}).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  const sockets = Array.from({ length: 500 }, () => connect(port, '127.0.0.1'))
  t.teardown(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  await Promise.all(sockets.map(socket => once(socket, 'connect')))
  const begun = performance.now()
  const outlets = sockets.map(outletOf)
  t.comment(`${((performance.now() - begun) / sockets.length).toFixed(4)} ms each`)
  t.equal(new Set(outlets).size, sockets.length)
  t.notOk(outlets.includes(-1))
  for (const outlet of outlets) fanOut.close(outlet)
})
