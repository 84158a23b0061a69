import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { startBuilt, startBuiltHouse } from '../support/built-server.ts'
import { metric, WITH_METRICS } from '../support/metrics.ts'
import { get, RawClient } from '../support/raw-client.ts'
import { startSlowFrigate } from '../support/slow-frigate.ts'
import { until } from '../support/until.ts'
import { newUser, type SignedIn } from '../support/users.ts'

/** The address of a go2rtc that takes requests and answers none. */
async function startSilentGo2rtc(t: Test): Promise<string> {
  const silent = createServer(() => {}).listen(0, '127.0.0.1')
  await once(silent, 'listening')
  t.teardown(() => {
    silent.closeAllConnections()
    silent.close()
  })
  return `http://127.0.0.1:${(silent.address() as AddressInfo).port}`
}

const MIB = 1024 * 1024

async function isHealthy(origin: string): Promise<boolean> {
  const reply = await fetch(`${origin}/health`)
  return reply.status === 200 && ((await reply.json()) as { status: string }).status === 'healthy'
}

for (const path of ['/', '/vendor/uplot.js', '/app.js', '/ready'])
  t.test(`three connections with 2,300 pipelined requests of ${path} end the server`, async t => {
    const { origin, port, crashed } = await startBuilt(t)
    const clients = await Promise.all(
      [1, 2, 3].map(() => new RawClient(t, port).stall().send(get(path).repeat(2300)).connected()),
    )
    for (let i = 0; i < 20; i++) t.ok(await isHealthy(origin))
    for (const { socket } of clients) socket.resume()
    await until(() => clients.every(client => client.closed))
    t.ok(await isHealthy(origin))
    t.notOk(crashed())
  })

t.test('6,000 connections with one request each, whose answers nobody reads, end the server', async t => {
  const { origin, port, crashed } = await startBuilt(t)
  let clients: RawClient[] = []
  for (let i = 0; i < 6000; i += 500) {
    const more = Array.from({ length: 500 }, () =>
      new RawClient(t, port).stall().send(get('/vendor/uplot.js')),
    )
    clients = [...clients, ...(await Promise.all(more.map(client => client.connected())))]
    t.ok(await isHealthy(origin))
  }
  t.notOk(crashed())
  for (const { socket } of clients) socket.destroy()
  await until(() => isHealthy(origin))
  await until(async () => (await fetch(`${origin}/vendor/uplot.js`)).status === 200)
})

t.test('a request to upgrade behind one that is not answered ends the server', async t => {
  const { origin, port, crashed } = await startBuilt(t, { GO2RTC_HOST: await startSilentGo2rtc(t) })
  const upgrade = get(
    '/api/ws?src=x',
    'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n',
  )
  const alone = new RawClient(t, port).send(upgrade)
  await until(() => alone.statuses.length === 1)
  t.same(alone.statuses, [401])
  const behind = new RawClient(t, port).send(get('/ready') + upgrade)
  await until(() => behind.statuses.length === 2)
  t.same(behind.statuses, [200, 401])
  t.ok(await isHealthy(origin))
  t.notOk(crashed())
})

const asking = (path: string, { token }: SignedIn) => get(path, `authorization: Bearer ${token}\r\n`)

t.test(
  'answers to a few pipelined requests are not all there, in another order, or prepared at the same time',
  async t => {
    let most = 0
    const frigate = await startSlowFrigate(t, async url => {
      most = Math.max(most, frigate.open.size)
      await new Promise(resolve => setTimeout(resolve, 20))
      const limit = new URLSearchParams(url.split('?')[1]).get('limit')
      return JSON.stringify([
        { id: '1.1-a', camera: 'Garden', label: `<${limit}>`, start_time: 1, end_time: 2 },
      ])
    })
    const { port, admin } = await startBuiltHouse(t, { FRIGATE_HOST: frigate.origin })
    const client = new RawClient(t, port)
    const ask = (limit: number) => asking(`/api/events?limit=${limit}`, admin)
    client.send([1, 2, 3, 4, 5, 6, 7, 8].map(ask).join(''))
    await until(() => client.statuses.length === 8 && client.received.includes('<8>'))
    t.same(client.received.match(/<\d>/g), ['<1>', '<2>', '<3>', '<4>', '<5>', '<6>', '<7>', '<8>'])
    t.equal(most, 1)
    client.send(ask(9))
    await until(() => client.received.includes('<9>'))
    t.equal(client.closed, false)
    const others = [1, 2, 3].map(limit => new RawClient(t, port).send(ask(limit)))
    await until(() => others.every(({ statuses }) => statuses[0] === 200))
    t.ok(most > 1, 'those of several connections are')
  },
)

t.test('a ninth unanswered request leaves a connection open', async t => {
  const frigate = await startSlowFrigate(t, () => undefined)
  const { origin, port, admin } = await startBuiltHouse(t, { FRIGATE_HOST: frigate.origin })
  const lists = () => frigate.asked.filter(url => url.startsWith('/api/events')).length
  const allowed = new RawClient(t, port).send(asking('/api/events?limit=1', admin).repeat(8))
  await until(() => lists() === 1)
  const greedy = new RawClient(t, port).send(asking('/api/events?limit=2', admin).repeat(9))
  await until(() => greedy.closed)
  t.ok(await isHealthy(origin))
  t.equal(allowed.closed, false)
  t.same([allowed.received, greedy.received], ['', ''])
  t.ok(lists() <= 2, `${lists()} were begun`)
})

t.test('beyond the limit of the process requests wait or are lost, or health is not told', async t => {
  const going = Promise.withResolvers<string>()
  const frigate = await startSlowFrigate(t, () => going.promise)
  const { origin, port, admin } = await startBuiltHouse(t, {
    FRIGATE_HOST: frigate.origin,
    MAX_CONCURRENT_REQUESTS: '16',
    ...WITH_METRICS,
  })
  const other = await newUser(origin, admin, 'other')
  const clients: RawClient[] = []
  const requests = () => metric(origin, 'camgate_requests')
  // One user leaves a part of the places to others; that of whoever asks for the figures is counted too.
  while (clients.every(client => client.statuses.length === 0)) {
    clients.push(new RawClient(t, port).send(asking('/api/events', admin)))
    await until(async () => clients.at(-1)!.statuses.length > 0 || (await requests()) === clients.length + 1)
  }
  const refused = clients.pop()!
  await until(() => refused.received.endsWith('}'))
  t.same(refused.statuses, [503])
  t.match(refused.received, /retry-after: 1\r\n/i)
  t.match(refused.received, '"code":"SERVER_BUSY"')
  t.equal(clients.length, 14, 'all places but the reserve')
  t.ok(await isHealthy(origin))

  const neighbour = new RawClient(t, port).send(asking('/api/events', other))
  await until(async () => (await requests()) === 16)
  t.same(neighbour.statuses, [], 'there is a place for another')
  going.resolve('[]')
  await until(() => [...clients, neighbour].every(client => client.statuses[0] === 200))
  await until(async () => (await requests()) === 1)
  t.ok((await metric(origin, 'camgate_request_bytes')) < 4096)
  t.equal((await admin.request('/api/events')).status, 200)
})

t.test('one address that nobody is logged in at takes the places of all', async t => {
  const { origin, port } = await startBuilt(t, {
    GO2RTC_HOST: await startSilentGo2rtc(t),
    MAX_CONCURRENT_REQUESTS: '16',
  })
  // go2rtc is waited for, for two seconds.
  const clients = Array.from({ length: 20 }, () => new RawClient(t, port).send(get('/ready')))
  const statuses = () => clients.flatMap(client => client.statuses)
  await until(() => statuses().length === 6)
  t.same(statuses(), Array<number>(6).fill(503), 'all places but the reserve')
  const neighbour = new RawClient(t, port, '127.0.0.2').send(get('/ready'))
  t.ok(await isHealthy(origin))
  await until(() => statuses().length === 20)
  t.equal(statuses().filter(status => status === 200).length, 14)
  await until(() => neighbour.statuses.length > 0)
  t.same(neighbour.statuses, [200])
})

/** A list of as many bytes as are taken of Frigate: the kernel holds one of them for a client that does not read. */
const LARGE = JSON.stringify(
  Array.from({ length: 2000 }, (_, i) => ({ id: `${i}.1-a`, camera: 'Garden', text: 'x'.repeat(1900) })),
)

t.test('replies that nobody takes hold more than there is room for', async t => {
  const frigate = await startSlowFrigate(t, async () => LARGE)
  const { origin, port, admin } = await startBuiltHouse(t, {
    FRIGATE_HOST: frigate.origin,
    ...WITH_METRICS,
  })
  const list = () => admin.request('/api/exports', { headers: { connection: 'close' } })
  t.equal((await (await list()).arrayBuffer()).byteLength, LARGE.length)
  const stalled: RawClient[] = []
  const refused = () => metric(origin, 'camgate_refused_requests_total')
  const held = () => metric(origin, 'camgate_request_bytes')
  while ((await refused()) === 0) {
    const before = await held()
    stalled.push(new RawClient(t, port).stall().send(asking('/api/exports', admin).repeat(2)))
    await until(async () => (await held()) >= before + LARGE.length || (await refused()) > 0)
  }
  const bytes = await held()
  t.ok(bytes > 8 * MIB && bytes <= 16 * MIB, `${bytes} bytes of ${stalled.length} clients`)
  t.ok(await isHealthy(origin))
  t.equal((await list()).status, 503)
  for (const { socket } of stalled) socket.destroy()
  await until(async () => (await held()) < 4096)
  t.equal((await list()).status, 200)
})
