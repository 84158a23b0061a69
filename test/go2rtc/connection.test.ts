import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { createServer as createSecureServer } from 'node:tls'
import t, { type Test } from 'tap'
import { Get, type Times } from '../../src/go2rtc/connection.ts'
import { Certificates } from '../support/certificates.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { until } from '../support/until.ts'

const HEAD = 'HTTP/1.0 200 OK\r\n\r\n'

async function listen(t: Test, server: Server, scheme = 'http') {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket)).on('error', () => {})
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return { origin: new URL(`${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}`), sockets }
}

/** An upstream that says nothing of its own accord but what `answer` does with a request. */
const upstream = (t: Test, answer: (socket: Socket, request: string) => void) =>
  listen(
    t,
    createServer(socket => socket.once('data', request => answer(socket, request.toString()))),
  )

/** Asks, and tells what came of it. */
function ask(t: Test, origin: URL, times?: Times) {
  const told = { statuses: [] as number[], body: '', ends: [] as (Error | undefined)[] }
  const get = new Get(
    origin,
    '/api/stream.mp4?src=Garage',
    {
      head: status => told.statuses.push(status),
      body: bytes => {
        told.body += Buffer.from(bytes).toString()
      },
      end: error => told.ends.push(error),
    },
    times,
  )
  t.teardown(() => get.close())
  return { get, told, over: () => until(() => told.ends.length > 0) }
}

t.test('what is asked is not what go2rtc understands, or its reply comes out otherwise', async t => {
  const requests: string[] = []
  const { origin } = await upstream(t, (socket, request) => {
    requests.push(request)
    socket.write(HEAD)
    socket.write('first')
    setImmediate(() => socket.end(' last'))
  })
  const { told, over } = ask(t, origin)
  await over()
  t.same(told, { statuses: [200], body: 'first last', ends: [undefined] })
  t.equal(
    requests[0],
    `GET /api/stream.mp4?src=Garage HTTP/1.0\r\nHost: ${origin.host}\r\nAccept: */*\r\n\r\n`,
  )
})

t.test('connections that are read at once get each other’s bytes', async t => {
  let asked = 0
  const { origin } = await upstream(t, socket => {
    const letter = 'abcdefgh'[asked++]!
    socket.write(HEAD)
    for (let i = 0; i < 20; i++) socket.write(letter.repeat(50_000))
    socket.end()
  })
  const all = Array.from({ length: 8 }, () => ask(t, origin))
  await Promise.all(all.map(one => one.over()))
  t.same(
    all.map(({ told }) => new Set(told.body).size),
    all.map(() => 1),
  )
  t.ok(all.every(({ told }) => told.body.length === 1_000_000))
})

t.test('a connection that has been closed is told of, or stays open', async t => {
  const { origin, sockets } = await upstream(t, socket => socket.write(`${HEAD}some`))
  const { get, told } = ask(t, origin)
  await until(() => told.body === 'some')
  get.close()
  await until(() => sockets.size === 0)
  t.same(told.ends, [])

  const early = ask(t, origin)
  early.get.close()
  await until(() => sockets.size === 0)
  t.same(early.told, { statuses: [], body: '', ends: [] })
})

t.test('a reply that is complete keeps its connection', async t => {
  const { origin, sockets } = await upstream(t, socket =>
    socket.write('HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\nnone'),
  )
  const { told, over } = ask(t, origin)
  await over()
  t.same(told, { statuses: [404], body: 'none', ends: [undefined] })
  await until(() => sockets.size === 0)
})

t.test('what goes wrong is no error of go2rtc’s, or is told twice', async t => {
  const closed = createServer()
  const { origin: nobody } = await listen(t, closed)
  closed.close()
  await once(closed, 'close')
  const answers: Record<string, (socket: Socket) => void> = {
    'it hangs up': socket => socket.end(),
    'it is killed': socket => socket.resetAndDestroy(),
    'its head is cut short': socket => socket.end('HTTP/1.0 200'),
    'its body is cut short': socket => socket.end('HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nbody'),
  }
  const cases: [string, URL, string][] = [['nobody listens', nobody, 'GO2RTC_UNREACHABLE']]
  for (const [name, answer] of Object.entries(answers))
    cases.push([name, (await upstream(t, answer)).origin, 'GO2RTC_UNREACHABLE'])
  const garbage = await upstream(t, socket => socket.write('\0\0\0\x1cftyp\r\n\r\nmore'))
  cases.push(['it is no HTTP', garbage.origin, 'GO2RTC_MALFORMED'])
  for (const [name, origin, code] of cases) {
    const { told, over } = ask(t, origin)
    await over()
    await new Promise(setImmediate)
    t.match(told.ends, [{ code, statusCode: 502 }], name)
    t.equal(told.ends.length, 1, name)
    t.notMatch(told.ends[0]!.message, /127\.0\.0\.1/, name)
  }
  await until(() => garbage.sockets.size === 0)
})

t.test('a go2rtc that does not answer is waited for for ever', async t => {
  const { origin, sockets } = await upstream(t, socket => socket.write('HTTP/1.0 '))
  const { told, over } = ask(t, origin, { connectMs: 60_000, headMs: 20, quietMs: 4 })
  await over()
  t.match(told.ends, [{ code: 'GO2RTC_UNREACHABLE', message: /does not answer within 0.02 s/ }])
  await until(() => sockets.size === 0)

  // Accepts, and never begins to speak TLS.
  const mute = await upstream(t, () => {})
  const secure = ask(t, new URL(mute.origin.href.replace('http:', 'https:')), {
    connectMs: 20,
    headMs: 60_000,
    quietMs: 4,
  })
  await secure.over()
  t.match(secure.told.ends, [{ code: 'GO2RTC_UNREACHABLE', message: /takes no connection within 0.02 s/ }])
})

t.test('a go2rtc behind TLS is trusted whoever it is', async t => {
  const identity = new Certificates(await temporaryFolder(t)).ofItself('/CN=127.0.0.1')
  const server = createSecureServer({ key: identity.key, cert: identity.cert })
  server.on('tlsClientError', () => {}).on('secureConnection', socket => socket.end(`${HEAD}secret`))
  const { origin } = await listen(t, server, 'https')
  const { told, over } = ask(t, origin)
  await over()
  t.match(told, { statuses: [], body: '', ends: [{ code: 'GO2RTC_UNREACHABLE', message: /certificate/ }] })
})

const QUIET: Times = { connectMs: 60_000, headMs: 60_000, quietMs: 300 }

t.test('go2rtc is left while it writes, which may end it', async t => {
  const { origin, sockets } = await upstream(t, socket => socket.write(`${HEAD}first`))
  const { get, told } = ask(t, origin, QUIET)
  await until(() => told.body === 'first')
  const [socket] = sockets
  get.close()
  get.close()
  for (let i = 0; i < 50; i++) {
    socket!.write('more')
    await new Promise(setImmediate)
  }
  t.equal(sockets.size, 1, 'it is still there')
  t.equal(told.body, 'first', 'but nothing is told any more')
  await until(() => sockets.size === 0)
  t.equal(told.ends.length, 0)
})

t.test('a go2rtc that never pauses is never left', async t => {
  const { origin, sockets } = await upstream(t, socket => socket.write(`${HEAD}first`))
  const { get, told } = ask(t, origin, { ...QUIET, quietMs: 20 })
  await until(() => told.body === 'first')
  const [socket] = sockets
  get.close()
  while (sockets.size > 0) {
    socket!.write('more')
    await new Promise(setImmediate)
  }
  t.ok(socket!.destroyed)
})

t.test('a go2rtc that ends while it is being left is told of', async t => {
  const { origin, sockets } = await upstream(t, socket => socket.write(`${HEAD}first`))
  const { get, told } = ask(t, origin, QUIET)
  await until(() => told.body === 'first')
  get.close()
  for (const socket of sockets) socket.resetAndDestroy()
  await until(() => sockets.size === 0)
  await new Promise(resolve => setTimeout(resolve, 2 * QUIET.quietMs))
  t.equal(told.ends.length, 0)
})
