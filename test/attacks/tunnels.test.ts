import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { ByteBudget } from '../../src/live/memory/budget.ts'
import { Tunnel } from '../../src/player/tunnel.ts'
import { startGo2rtc } from '../support/go2rtc.ts'
import { startLive, TestPlayer } from '../support/live-server.ts'
import { serve } from '../support/serve.ts'
import { signIn } from '../support/sign-in.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { until } from '../support/until.ts'
import { newUser, type SignedIn } from '../support/users.ts'

const CODECS = 'avc1.640029,mp4a.40.2'
const KIB = 1024
/** As much more than what the server takes from its sources as in the image, where it takes less. */
const SMALL_HEAP = '--max-old-space-size=88 --max-semi-space-size=1'

/** The list of cameras, a picture and live video, for somebody who attacks nobody. */
async function isServed(t: Test, origin: string, user: SignedIn): Promise<void> {
  t.equal((await user.request('/api/cameras')).status, 200, 'the list of cameras')
  t.equal((await user.request('/api/camera/Garden/snapshot')).status, 200, 'a picture')
  const player = await new TestPlayer(`${origin}/api/ws?src=Garden&token=${user.token}`).opened()
  player.say('mse', CODECS)
  await until(() => player.media.length > 2)
  player.ws.terminate()
}

/** A server with little heap before a go2rtc that finishes no handshake. */
async function startSmall(t: Test) {
  const go2rtc = await startGo2rtc(t)
  go2rtc.isSilent = url => url.startsWith('/api/ws')
  const server = await serve(t, {
    DATABASE_PATH: join(await temporaryFolder(t), 'camgate.db'),
    GO2RTC_HOST: go2rtc.origin,
    FRIGATE_HOST: 'none',
    NODE_OPTIONS: SMALL_HEAP,
  })
  const admin = await signIn(server.origin)
  const reply = await admin.request('/api/auth/media-token', { method: 'POST', body: { camera: 'Garage' } })
  const { token } = (await reply.json()) as { token: string }
  return { ...server, admin, attacked: `${server.origin}/api/ws?src=Garage&token=${token}` }
}

for (const [what, sockets, messages, bytes] of [
  ['64 messages of 60 kB', 25, 64, 60_000],
  ['64 messages as large as may be', 60, 64, 16_000],
  ['20,000 small messages', 25, 20_000, 0],
] as const)
  t.test(`players that send ${what} each before go2rtc listens must not end the process`, async t => {
    const { origin, child, output, admin, attacked } = await startSmall(t)
    const other = await newUser(origin, admin, 'other')
    const message = JSON.stringify({ type: 'mjpeg', value: 'x'.repeat(bytes) })
    const players = await Promise.all(
      Array.from({ length: sockets }, () => new TestPlayer(attacked).opened()),
    )
    for (let i = 0; i < messages; i++) {
      for (const { ws } of players) if (ws.readyState === ws.OPEN) ws.send(message)
      if (i % 16 === 0) await new Promise(setImmediate)
    }
    await isServed(t, origin, other)
    t.equal(child.exitCode, null, output().slice(-2000))
    for (const { ws } of players) ws.terminate()
  })

t.test('a message that comes in thousands of pieces must not be put together', async t => {
  const { origin, user } = await startLive(t)
  const player = await new TestPlayer(`${origin}/api/ws?src=Garage&token=${user.token}`).opened()
  for (let i = 0; i < 2000; i++) player.ws.send('x', { fin: false, binary: false })
  await until(() => player.closed !== undefined)
  const whole = await new TestPlayer(`${origin}/api/ws?src=Garage&token=${user.token}`).opened()
  whole.ws.send('{"type":"mse",', { fin: false })
  whole.ws.send(`"value":"${CODECS}"}`)
  await until(() => whole.media.length > 0)
})

t.test('one user must not have all tunnels, nor more than there are', async t => {
  const { app, origin, user } = await startLive(t, { env: { LIVE_MAX_PASSTHROUGH: '8' } })
  const other = await newUser(origin, user, 'other')
  const open = async (token: string) => {
    const player = await new TestPlayer(`${origin}/api/ws?src=Garage&token=${token}`).opened()
    player.say('mjpeg')
    await until(() => player.texts.length > 0)
    return player
  }
  const players: TestPlayer[] = []
  for (let i = 0; i < 12; i++) players.push(await open(user.token))
  const refused = players.filter(({ texts }) => texts[0]!.type === 'error')
  t.equal(app.ledger.unreleased().tunnels, 7, 'all but the reserve')
  t.equal(refused.length, 5)
  t.match(refused[0]!.texts[0]!.value, /^mjpeg: Too many/)

  const theirs = await open(other.token)
  t.equal(theirs.texts[0]!.type, 'mjpeg')
  await until(() => theirs.media.length > 0)
  for (let i = 0; i < 3; i++) players.push(await open(other.token))
  t.equal(app.ledger.unreleased().tunnels, 8, 'an equal part is taken from who has more')
  for (const { ws } of [...players, theirs]) ws.terminate()
  await until(() => app.ledger.unreleased().tunnels === undefined)
})

t.test('one tunnel must not open consumer after consumer in go2rtc', async t => {
  const { go2rtc, origin, user } = await startLive(t)
  const player = await new TestPlayer(`${origin}/api/ws?src=Garage&token=${user.token}`).opened()
  for (let i = 0; i < 20; i++) player.say('mjpeg')
  await until(() => player.texts.length === 20)
  t.equal(player.texts.filter(({ value }) => value === 'mjpeg: asked for too often').length, 16)
  t.equal(go2rtc.stream('Garage').consumers.size, 4)
  player.ws.terminate()
  await until(() => go2rtc.stream('Garage').consumers.size === 0)
})

/** A go2rtc that answers the handshake and then says what a test has it say. */
async function startTalking(t: Test, say: (socket: Socket) => void): Promise<string> {
  const { createHash } = await import('node:crypto')
  const server = createServer(socket => {
    socket.on('error', () => {})
    socket.once('data', head => {
      const [, key] = /Sec-WebSocket-Key: (\S+)/i.exec(String(head))!
      const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
      socket.write(
        `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
      )
      say(socket)
    })
    t.teardown(() => socket.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  return `ws://127.0.0.1:${(server.address() as { port: number }).port}/api/ws?src=A`
}

/** The head of a binary message of so many bytes (RFC 6455, 5.2). */
function head(bytes: number): Buffer {
  const buffer = Buffer.alloc(10)
  buffer[0] = 0x82
  buffer[1] = 127
  buffer.writeUInt32BE(bytes, 6)
  return buffer
}

t.test('pictures that go2rtc begins and never ends must not add up', async t => {
  const url = await startTalking(t, socket => {
    socket.write(head(1024 * KIB))
    socket.write(Buffer.alloc(1000 * KIB))
  })
  const memory = new ByteBudget(2500 * KIB, () => {})
  let ended = 0
  const open = () =>
    new Tunnel(url, {
      pictureBytes: 1024 * KIB,
      memory,
      client: { text: () => {}, picture: () => {}, end: () => ended++ },
      closed: () => {},
    })
  const tunnels = Array.from({ length: 8 }, open)
  await until(() => ended === 6)
  t.ok(memory.peak <= memory.limit)
  t.ok(memory.used >= 2000 * KIB, 'two of them wait for the rest')
  for (const tunnel of tunnels) tunnel.close()
  await until(() => memory.used === 0)
})

t.test('pictures of a tunnel must come, and leave nothing behind', async t => {
  const url = await startTalking(t, socket => {
    for (let i = 0; i < 20; i++) {
      socket.write(head(300 * KIB))
      socket.write(Buffer.alloc(300 * KIB))
    }
  })
  const memory = new ByteBudget(400 * KIB, () => {})
  let pictures = 0
  const client = { text: () => {}, picture: () => pictures++, end: () => {} }
  const tunnel = new Tunnel(url, { pictureBytes: 1024 * KIB, memory, client, closed: () => {} })
  await until(() => pictures === 20)
  tunnel.close()
  await until(() => memory.used === 0)
})
