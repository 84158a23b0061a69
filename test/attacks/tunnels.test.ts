import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { Socket } from 'node:net'
import t, { type Test } from 'tap'
import { startBuiltLive } from '../support/built-house.ts'
import { startBuiltHouse } from '../support/built-server.ts'
import { TestPlayer } from '../support/live-server.ts'
import { until } from '../support/until.ts'
import { newUser, type SignedIn } from '../support/users.ts'

const CODECS = 'avc1.640029,mp4a.40.2'
const KIB = 1024

/** The list of cameras, a picture and live video, for somebody who attacks nobody. */
async function isServed(t: Test, origin: string, user: SignedIn): Promise<void> {
  t.equal((await user.request('/api/cameras')).status, 200, 'the list of cameras')
  t.equal((await user.request('/api/camera/Garden/snapshot')).status, 200, 'a picture')
  const player = await new TestPlayer(`${origin}/api/ws?src=Garden&token=${user.token}`).opened()
  player.say('mse', CODECS)
  await until(() => player.media.length > 2)
  player.ws.terminate()
}

/** The server before a go2rtc that finishes no handshake. */
async function startSilent(t: Test) {
  const house = await startBuiltLive(t)
  house.go2rtc.isSilent = url => url.startsWith('/api/ws')
  const body = { camera: 'Garage' }
  const reply = await house.admin.request('/api/auth/media-token', { method: 'POST', body })
  const { token } = (await reply.json()) as { token: string }
  return { ...house, attacked: `${house.origin}/api/ws?src=Garage&token=${token}` }
}

for (const [what, sockets, messages, bytes] of [
  ['64 messages of 60 kB', 25, 64, 60_000],
  ['64 messages as large as may be', 60, 64, 16_000],
  ['20,000 small messages', 25, 20_000, 0],
] as const)
  t.test(`players that send ${what} each before go2rtc listens must not end the process`, async t => {
    const { origin, crashed, output, admin, attacked } = await startSilent(t)
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
    t.notOk(crashed(), output().slice(-2000))
    for (const { ws } of players) ws.terminate()
  })

t.test('a message that comes in thousands of pieces must not be put together', async t => {
  const { origin, admin: user } = await startBuiltLive(t)
  const player = await new TestPlayer(`${origin}/api/ws?src=Garage&token=${user.token}`).opened()
  for (let i = 0; i < 2000; i++) player.ws.send('x', { fin: false, binary: false })
  await until(() => player.closed !== undefined)
  const whole = await new TestPlayer(`${origin}/api/ws?src=Garage&token=${user.token}`).opened()
  whole.ws.send('{"type":"mse",', { fin: false })
  whole.ws.send(`"value":"${CODECS}"}`)
  await until(() => whole.media.length > 0)
})

t.test('one user must not have all tunnels, nor more than there are', async t => {
  const { origin, admin: user, held } = await startBuiltLive(t, { env: { LIVE_MAX_PASSTHROUGH: '8' } })
  const tunnels = async () => (await held()).open.tunnels
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
  t.equal(await tunnels(), 7, 'all but the reserve')
  t.equal(refused.length, 5)
  t.match(refused[0]!.texts[0]!.value, /^mjpeg: Too many/)

  const theirs = await open(other.token)
  t.equal(theirs.texts[0]!.type, 'mjpeg')
  await until(() => theirs.media.length > 0)
  for (let i = 0; i < 3; i++) players.push(await open(other.token))
  t.equal(await tunnels(), 8, 'an equal part is taken from who has more')
  for (const { ws } of [...players, theirs]) ws.terminate()
  await until(async () => (await tunnels()) === undefined)
})

t.test('one tunnel must not open consumer after consumer in go2rtc', async t => {
  const { go2rtc, origin, admin: user } = await startBuiltLive(t)
  const player = await new TestPlayer(`${origin}/api/ws?src=Garage&token=${user.token}`).opened()
  for (let i = 0; i < 20; i++) player.say('mjpeg')
  await until(() => player.texts.length === 20)
  t.equal(player.texts.filter(({ value }) => value === 'mjpeg: asked for too often').length, 16)
  t.equal(go2rtc.stream('Garage').consumers.size, 4)
  player.ws.terminate()
  await until(() => go2rtc.stream('Garage').consumers.size === 0)
})

/** The server before a go2rtc that lists one camera, answers the handshake and then says what a test has it say. */
async function startTalking(t: Test, say: (socket: Socket) => void) {
  const open = new Set<Socket>()
  let begun = 0
  const go2rtc = createServer((_, response) => response.end('{"Garage":{"producers":[],"consumers":[]}}'))
  go2rtc.on('upgrade', (request, socket: Socket) => {
    const key = `${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`
    const accept = createHash('sha1').update(key).digest('base64')
    const head = ['HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade']
    open.add(socket)
    socket.on('error', () => {}).on('close', () => open.delete(socket))
    socket.write(`${[...head, `Sec-WebSocket-Accept: ${accept}`].join('\r\n')}\r\n\r\n`)
    begun++
    say(socket)
  })
  go2rtc.listen(0, '127.0.0.1')
  await once(go2rtc, 'listening')
  t.teardown(() => {
    for (const socket of open) socket.destroy()
    go2rtc.closeAllConnections()
    go2rtc.close()
  })
  const { port } = go2rtc.address() as { port: number }
  const { origin, admin, held } = await startBuiltHouse(t, { GO2RTC_HOST: `http://127.0.0.1:${port}` })
  return {
    /** Conversations that go on. */
    open,
    begun: () => begun,
    play: async () => {
      const player = await new TestPlayer(`${origin}/api/ws?src=Garage&token=${admin.token}`).opened()
      player.say('mjpeg')
      return player
    },
    bytes: async () => (await held()).open['picture bytes of players'] ?? 0,
  }
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
  const most = 2048 * KIB
  const part = most - 4 * KIB
  const { open, begun, play, bytes } = await startTalking(t, socket => {
    socket.write(head(most))
    socket.write(Buffer.alloc(part))
  })
  const players: TestPlayer[] = []
  for (let i = 0; i < 12; i++) {
    const before = { open: open.size, bytes: await bytes() }
    players.push(await play())
    await until(() => begun() > i)
    await until(async () => open.size === before.open || (await bytes()) >= before.bytes + part)
  }
  t.equal(open.size, 8, 'as many as there is room for wait for the rest')
  const held = await bytes()
  t.ok(held >= 8 * part && held <= 16 * KIB * KIB, `${held} bytes`)
  for (const { ws } of players) ws.terminate()
  await until(async () => (await bytes()) === 0)
})

t.test('pictures of a tunnel must come, and leave nothing behind', async t => {
  const { open, begun, play, bytes } = await startTalking(t, () => {})
  const player = await play()
  await until(() => begun() === 1)
  const [go2rtc] = [...open]
  for (let i = 1; i <= 20; i++) {
    go2rtc!.write(head(300 * KIB))
    go2rtc!.write(Buffer.alloc(300 * KIB))
    // One that would have to wait for the one before is left out.
    await until(() => player.media.length === i)
  }
  t.same(new Set(player.media.map(({ length }) => length)), new Set([300 * KIB]))
  await until(async () => (await bytes()) === 0)
  t.equal(player.closed, undefined)
})
