import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { startApp } from '../support/app.ts'
import { BUILT_PROGRAM, ensureBuilt } from '../support/built-server.ts'
import { get, RawClient } from '../support/raw-client.ts'
import { serve } from '../support/serve.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { until } from '../support/until.ts'

/** What V8 may have in a container of 128 MB. */
const SMALL_HEAP = '--max-old-space-size=48 --max-semi-space-size=1'

t.before(ensureBuilt)

async function serveSmall(t: Test) {
  const folder = await temporaryFolder(t)
  const settings = {
    DATABASE_PATH: join(folder, 'camgate.db'),
    NODE_OPTIONS: SMALL_HEAP,
    GO2RTC_HOST: 'http://127.0.0.1:1',
    FRIGATE_HOST: 'none',
  }
  return serve(t, settings, { program: BUILT_PROGRAM })
}

async function isHealthy(origin: string): Promise<boolean> {
  const reply = await fetch(`${origin}/health`)
  return reply.status === 200 && ((await reply.json()) as { status: string }).status === 'healthy'
}

for (const path of ['/', '/vendor/uplot.js', '/app.js', '/ready'])
  t.test(`three connections with 2,300 pipelined requests of ${path} end the server`, async t => {
    const { origin, port, child } = await serveSmall(t)
    const clients = await Promise.all(
      [1, 2, 3].map(() => new RawClient(t, port).stall().send(get(path).repeat(2300)).connected()),
    )
    for (let i = 0; i < 20; i++) t.ok(await isHealthy(origin))
    for (const { socket } of clients) socket.resume()
    await until(() => clients.every(client => client.closed))
    t.ok(await isHealthy(origin))
    t.equal(child.exitCode, null)
  })

t.test('6,000 connections with one request each, whose answers nobody reads, end the server', async t => {
  const { origin, port, child } = await serveSmall(t)
  let clients: RawClient[] = []
  for (let i = 0; i < 6000; i += 500) {
    const more = Array.from({ length: 500 }, () =>
      new RawClient(t, port).stall().send(get('/vendor/uplot.js')),
    )
    clients = [...clients, ...(await Promise.all(more.map(client => client.connected())))]
  }
  t.ok(await isHealthy(origin))
  t.equal(child.exitCode, null)
  for (const { socket } of clients) socket.destroy()
  await until(() => isHealthy(origin))
  await until(async () => (await fetch(`${origin}/vendor/uplot.js`)).status === 200)
})

t.test('a request to upgrade behind one that is not answered ends the server', async t => {
  const slow = createServer(() => {}).listen(0, '127.0.0.1')
  await once(slow, 'listening')
  t.teardown(() => {
    slow.closeAllConnections()
    slow.close()
  })
  const { port: slowPort } = slow.address() as AddressInfo
  const folder = await temporaryFolder(t)
  const { origin, port, child } = await serve(t, {
    DATABASE_PATH: join(folder, 'camgate.db'),
    GO2RTC_HOST: `http://127.0.0.1:${slowPort}`,
    FRIGATE_HOST: 'none',
  })
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
  t.equal(child.exitCode, null)
})

t.test(
  'answers to a few pipelined requests are not all there, in another order, or prepared at the same time',
  async t => {
    let preparing = 0
    let most = 0
    const { origin } = await startApp(t, {}, app => {
      app.get('/slow/:number', async request => {
        most = Math.max(most, ++preparing)
        await new Promise(resolve => setTimeout(resolve, 5))
        preparing--
        return `<${(request.params as { number: string }).number}>`
      })
    })
    const client = new RawClient(t, Number(new URL(origin).port))
    client.send([1, 2, 3, 4, 5, 6, 7, 8].map(number => get(`/slow/${number}`)).join(''))
    await until(() => client.statuses.length === 8 && client.received.endsWith('<8>'))
    t.same(client.received.match(/<\d>/g), ['<1>', '<2>', '<3>', '<4>', '<5>', '<6>', '<7>', '<8>'])
    t.equal(most, 1)
    client.send(get('/slow/9'))
    await until(() => client.received.endsWith('<9>'))
    t.equal(client.closed, false)
  },
)

t.test('a ninth unanswered request leaves a connection open', async t => {
  const answered: string[] = []
  const { origin } = await startApp(t, {}, app => {
    app.get('/never/:number', async (request, reply) => {
      answered.push(request.url)
      return reply.hijack()
    })
  })
  const port = Number(new URL(origin).port)
  const allowed = new RawClient(t, port).send(get('/never/1').repeat(8))
  const greedy = new RawClient(t, port).send(get('/never/2').repeat(9))
  await until(() => greedy.closed)
  t.ok(await isHealthy(origin))
  t.equal(allowed.closed, false)
  t.same(answered.sort(), ['/never/1', '/never/2'])
})

t.test('beyond the limit of the process requests wait or are lost, or health is not told', async t => {
  const going: (() => void)[] = []
  const { origin, app } = await startApp(t, { MAX_CONCURRENT_REQUESTS: '16' }, app => {
    app.get('/wait', (_request, reply) => {
      going.push(() => reply.send('done'))
    })
  })
  const port = Number(new URL(origin).port)
  const clients: RawClient[] = []
  // One address leaves a part of the places to others.
  while (clients.every(client => client.statuses.length === 0)) {
    clients.push(new RawClient(t, port).send(get('/wait')))
    await until(() => going.length === clients.length || clients.at(-1)!.statuses.length > 0)
  }
  const refused = clients.pop()!
  await until(() => refused.received.endsWith('}'))
  t.same(refused.statuses, [503])
  t.match(refused.received, /retry-after: 1\r\n/i)
  t.match(refused.received, '"code":"SERVER_BUSY"')
  t.equal(going.length, 14, 'all places but the reserve')
  t.ok(await isHealthy(origin))

  const neighbour = new RawClient(t, port, '127.0.0.2').send(get('/wait'))
  await until(() => going.length === 15)
  for (const finish of going) finish()
  await until(() => [...clients, neighbour].every(client => client.statuses[0] === 200))
  await until(() => app.admission.requests === 0)
  t.equal(app.admission.bytes, 0)
  t.equal((await fetch(`${origin}/ready`)).status, 200)
})

t.test('replies that nobody takes hold more than there is room for', async t => {
  const { origin, app } = await startApp(t, {}, app => {
    app.get('/large', () => Buffer.alloc(8 * 1024 * 1024))
  })
  const port = Number(new URL(origin).port)
  const stalled = [1, 2, 3].map(() => new RawClient(t, port).stall().send(get('/large')))
  await until(() => app.admission.refused + app.admission.requests >= 3)
  t.ok(app.admission.bytes <= 16 * 1024 * 1024, `${app.admission.bytes}`)
  t.ok(await isHealthy(origin))
  t.equal((await fetch(`${origin}/large`)).status, 503)
  for (const { socket } of stalled) socket.destroy()
  await until(() => app.admission.bytes === 0)
  t.equal((await fetch(`${origin}/large`)).status, 200)
})
