import t from 'tap'
import { startBuilt, startBuiltHouse } from '../support/built-server.ts'
import { metric, WITH_METRICS } from '../support/metrics.ts'
import { get, RawClient } from '../support/raw-client.ts'
import { signIn } from '../support/sign-in.ts'
import { startSlowFrigate } from '../support/slow-frigate.ts'
import { until } from '../support/until.ts'

const MIB = 1024 * 1024

/** The head of a login whose body is to be so long. */
function login(bytes: number, how = `Content-Length: ${bytes}`): string {
  return `POST /api/auth/login HTTP/1.1\r\nHost: camgate\r\nContent-Type: application/json\r\n${how}\r\n\r\n`
}

t.test('1,000 bodies of 65 kB that do not end fill the memory, or keep others from logging in', async t => {
  const { origin, port, crashed } = await startBuilt(t, WITH_METRICS)
  const memory = () => metric(origin, 'camgate_unreclaimable_bytes')
  const before = await memory()
  const clients: RawClient[] = []
  for (let i = 0; i < 1000; i += 100) {
    const more = Array.from({ length: 100 }, () =>
      new RawClient(t, port).send(login(65_000) + 'x'.repeat(64_000)),
    )
    clients.push(...(await Promise.all(more.map(client => client.connected()))))
    t.ok((await signIn(origin)).token)
  }
  const held = await metric(origin, 'camgate_unfinished_body_bytes')
  t.ok(held > 0 && held <= 4 * MIB, `${held} bytes of bodies`)
  const grown = (await memory()) - before
  t.comment(`${(grown / MIB).toFixed(1)} MB more`)
  t.ok(grown < 40 * MIB, `${grown / MIB} MB`)
  const cut = clients.find(client => client.received.endsWith('}'))!
  t.match(cut.received, /^HTTP\/1.1 503 .*retry-after: 1\r\n.*"code":"TOO_MANY_UNFINISHED_BODIES"/is)
  t.ok(
    clients.some(client => client.received === ''),
    'as many as there is room for are waited for',
  )
  t.notOk(crashed())
})

t.test('a body, or a head, that comes a byte at a time is waited for without end', async t => {
  const { port } = await startBuilt(t, { REQUEST_TIMEOUT_SECONDS: '1' })
  const slow = [
    new RawClient(t, port).send(login(60_000)),
    new RawClient(t, port).send(login(0, 'Transfer-Encoding: chunked')),
    new RawClient(t, port).send('GET /health HTTP/1.1\r\nX-Long: '),
  ]
  const [body, chunked] = slow
  const dripping = setInterval(() => {
    body!.send('x')
    chunked!.send('1\r\nx\r\n')
    slow[2]!.send('x')
  }, 100)
  t.teardown(() => clearInterval(dripping))
  await until(() => slow.every(client => client.closed))
  for (const client of slow) {
    t.same(client.statuses, [408])
    t.match(client.received, '"code":"REQUEST_TIMEOUT"')
  }
})

t.test('a connection that asks for nothing is kept', async t => {
  const { port } = await startBuilt(t, { REQUEST_TIMEOUT_SECONDS: '1' })
  const silent = await new RawClient(t, port).connected()
  await until(() => silent.closed)
  t.equal(silent.received, '', 'and is told nothing: it may be one that a browser opened in advance')
})

t.test('what has its request whole is cut by the deadline for requests', async t => {
  const frigate = await startSlowFrigate(t, async () => {
    await new Promise(resolve => setTimeout(resolve, 3500))
    return '[]'
  })
  const { port, admin } = await startBuiltHouse(t, {
    FRIGATE_HOST: frigate.origin,
    REQUEST_TIMEOUT_SECONDS: '1',
  })
  const authorization = `Authorization: Bearer ${admin.token}\r\n`
  const endless = new RawClient(t, port).send(get('/api/events/stream', authorization))
  const slow = new RawClient(t, port).send(get('/api/exports', authorization))
  const late = new RawClient(t, port).send('GET /health HTTP/1.1\r\n')
  await until(() => late.closed)
  await until(() => slow.received.endsWith('[]'))
  t.same(slow.statuses, [200])
  t.equal(endless.closed, false)
  t.match(endless.received, 'event: ready')
  const unfinished = new RawClient(t, port).send(
    get('/api/events/stream', `${authorization}Content-Length: 5\r\n`),
  )
  await until(() => unfinished.closed)
  t.same(unfinished.statuses, [200], 'nothing is written into an answer that has begun')
})
