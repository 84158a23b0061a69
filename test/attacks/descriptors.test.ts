import { join } from 'node:path'
import t, { type Test } from 'tap'
import { descriptorLimit, divideDescriptors } from '../../src/config/descriptors.ts'
import { Connections, MOST_LATE } from '../../src/http/connections.ts'
import { get, RawClient } from '../support/raw-client.ts'
import { serve, serveUntilExit } from '../support/serve.ts'
import { signIn } from '../support/sign-in.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { until } from '../support/until.ts'

/** What the process may open in these tests. */
const DESCRIPTORS = 512
const WITH_FEW = ['sh', '-c', `ulimit -n ${DESCRIPTORS} && exec "$@"`, 'sh']

async function serveWithFew(t: Test, env: Record<string, string> = {}) {
  const folder = await temporaryFolder(t)
  const settings = {
    DATABASE_PATH: join(folder, 'camgate.db'),
    GO2RTC_HOST: 'http://127.0.0.1:1',
    FRIGATE_HOST: 'none',
    METRICS_TOKEN: 'of-the-test',
    MEMORY_SAMPLE_SECONDS: '1',
    ...env,
  }
  return serve(t, settings, { by: WITH_FEW })
}

async function openMany(t: Test, port: number, count: number, address?: string): Promise<RawClient[]> {
  const clients: RawClient[] = []
  while (clients.length < count) {
    const more = Array.from({ length: 50 }, () => new RawClient(t, port, address))
    clients.push(...(await Promise.all(more.map(client => client.connected()))))
  }
  return clients
}

t.test('more connections than there are descriptors end the server, or what it does for others', async t => {
  const { origin, port, child } = await serveWithFew(t)
  const { token } = await signIn(origin)
  const authorization = `Authorization: Bearer ${token}\r\n`
  const listener = new RawClient(t, port).send(get('/api/events/stream', authorization))
  const known = new RawClient(t, port).send(get('/health'))
  await until(() => listener.statuses[0] === 200 && known.statuses[0] === 200)

  const idle = await openMany(t, port, 3 * DESCRIPTORS)
  for (const client of idle) client.send(get('/health'))
  await until(() => idle.every(client => client.closed || client.statuses.length > 0))
  await until(() => idle.filter(client => !client.closed).length <= DESCRIPTORS / 2)
  for (let i = 0; i < 3; i++) {
    const health = new RawClient(t, port).send(get('/health'))
    const other = new RawClient(t, port).send(get('/'))
    await until(() => health.closed && other.closed)
    t.same([health.statuses, other.statuses], [[200], [503]])
    t.match(other.received, /retry-after: 1\r\n/i)
    t.match(other.received, '"code":"TOO_MANY_CONNECTIONS"')
    // The periodic tasks run each second, and take descriptors themselves.
    await new Promise(resolve => setTimeout(resolve, 1100))
  }
  known.send(get('/') + get('/api/auth/me', authorization))
  await until(() => known.statuses.length === 3)
  t.same(known.statuses, [200, 200, 200], 'whoever is connected goes on')
  t.equal(listener.closed, false)
  t.equal(child.exitCode, null)
  for (const { socket } of idle) socket.destroy()
  await until(async () => (await fetch(origin)).status === 200)
})

t.test('a server that is out of descriptors ends, since its periodic work fails', async t => {
  const hoard = `data:text/javascript,${encodeURIComponent(`
    import { closeSync, openSync } from 'node:fs'
    process.once('SIGUSR1', () => {
      const held = []
      try { for (;;) held.push(openSync('/dev/null')) } catch {}
      console.log('hoarded')
      setTimeout(() => { for (const fd of held) closeSync(fd); console.log('given back') }, 3500)
    })`)}`
  const folder = await temporaryFolder(t)
  const settings = {
    DATABASE_PATH: join(folder, 'camgate.db'),
    GO2RTC_HOST: 'http://127.0.0.1:1',
    FRIGATE_HOST: 'none',
    METRICS_TOKEN: 'of-the-test',
    MEMORY_SAMPLE_SECONDS: '1',
  }
  const { origin, port, child, output } = await serve(t, settings, { by: WITH_FEW, imported: new URL(hoard) })
  const known = new RawClient(t, port).send(get('/health'))
  await until(() => known.statuses.length === 1)
  child.kill('SIGUSR1')
  await until(() => output().includes('hoarded'))
  known.send(get('/health'))
  await until(() => known.statuses.length === 2)
  await until(() => output().includes('given back') || child.exitCode !== null)
  t.equal(child.exitCode, null)
  t.equal((await fetch(`${origin}/health`)).status, 200)
  const metrics = await fetch(`${origin}/metrics`, { headers: { authorization: 'Bearer of-the-test' } })
  const failures = Number(/^camgate_task_failures_total (\d+)/m.exec(await metrics.text())?.[1])
  t.ok(failures > 0, `${failures} failures are counted`)
  t.equal(output().match(/a periodic task failed/g)?.length, 1, 'and said once')
})

t.test('one address takes the connections of all', async t => {
  const limit = DESCRIPTORS / 2
  const { origin, port } = await serveWithFew(t, { MAX_CONNECTIONS: String(limit) })
  // This machine itself is where proxies are, and health is asked from: the attack is counted apart in the next test.
  t.equal((await openMany(t, port, 50, '127.0.0.3')).length, 50)
  t.equal((await fetch(`${origin}/health`)).status, 200)

  const connections = new Connections(limit, () => false)
  const accept = (remoteAddress: string) => {
    const socket = new FakeSocket(remoteAddress)
    connections.accept(socket as never)
    return socket
  }
  const greedy = Array.from({ length: 2 * limit }, () => accept('203.0.113.1'))
  const kept = greedy.filter(socket => !socket.destroyed).length
  t.equal(kept, limit - limit / 8)
  const second = Array.from({ length: 2 * limit }, () => accept('2001:db8::1'))
  t.equal(second.filter(socket => !socket.destroyed).length, limit / 2, 'half of them for each of two')
  t.equal(greedy.filter(socket => !socket.destroyed).length, limit / 2)
  const neighbour = accept('198.51.100.7')
  t.notOk(neighbour.destroyed)
  t.notOk(connections.isLate(neighbour as never))
  for (const socket of [...greedy, ...second, neighbour]) socket.destroy()
  t.equal(connections.open, 0)
})

t.test('an address beyond the limit that has no connection gets no answer', async t => {
  const connections = new Connections(4, address => address === '10.0.0.1')
  const accept = (remoteAddress: string) => {
    const socket = new FakeSocket(remoteAddress)
    connections.accept(socket as never)
    return socket
  }
  const proxied = Array.from({ length: 4 }, () => accept('10.0.0.1'))
  t.ok(
    proxied.every(socket => !socket.destroyed),
    'what many share is bounded by the limit alone',
  )
  const late = accept('203.0.113.1')
  t.ok(connections.isLate(late as never) && !late.destroyed)
  const others = Array.from({ length: MOST_LATE }, () => accept('10.0.0.1'))
  t.ok(late.destroyed, 'the one that came first goes for the next')
  t.ok(others.every(socket => !socket.destroyed && connections.isLate(socket as never)))
  proxied[0]!.destroy()
  t.notOk(connections.isLate(accept('203.0.113.1') as never))
})

t.test('connections are divided by another limit than the process has', async t => {
  const settings = { maxConnections: undefined, maxRequests: 512 }
  t.same(divideDescriptors(settings, 512), { connections: 256, requests: 128 })
  t.same(divideDescriptors(settings, 1_048_576), { connections: 2048, requests: 512 })
  t.same(divideDescriptors(settings, Number.POSITIVE_INFINITY), { connections: 2048, requests: 512 })
  t.same(divideDescriptors({ ...settings, maxConnections: 300 }, 512), { connections: 300, requests: 128 })
  t.ok(descriptorLimit() > 16)
  t.equal(descriptorLimit('/nowhere'), 1024)
  const { code, stderr } = await serveUntilExit({ MAX_CONNECTIONS: '100000' }, WITH_FEW)
  t.equal(code, 1)
  t.match(
    stderr,
    'camgate cannot start: MAX_CONNECTIONS="100000" is not usable: at most 384, as the process may open 512 files',
  )
})

class FakeSocket {
  readonly remoteAddress: string
  destroyed = false
  readonly #closed: (() => void)[] = []

  constructor(remoteAddress: string) {
    this.remoteAddress = remoteAddress
  }

  once(_event: 'close', run: () => void): void {
    this.#closed.push(run)
  }

  destroy(): void {
    if (this.destroyed) return
    this.destroyed = true
    for (const run of this.#closed) run()
  }
}
