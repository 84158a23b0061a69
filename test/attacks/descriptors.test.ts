import { execFileSync } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { BUILT_PROGRAM, ensureBuilt, startBuilt } from '../support/built-server.ts'
import { metric, WITH_METRICS } from '../support/metrics.ts'
import { get, RawClient } from '../support/raw-client.ts'
import { serveUntilExit } from '../support/serve.ts'
import { signIn } from '../support/sign-in.ts'
import { until } from '../support/until.ts'

/** What the process may open in these tests. */
const DESCRIPTORS = 512

const startWithFew = (t: Test, env: Record<string, string> = {}) =>
  startBuilt(t, { ...WITH_METRICS, MEMORY_SAMPLE_SECONDS: '1', ...env }, { descriptors: DESCRIPTORS })

async function openMany(t: Test, port: number, count: number, address?: string): Promise<RawClient[]> {
  const clients: RawClient[] = []
  while (clients.length < count) {
    const more = Array.from({ length: 50 }, () => new RawClient(t, port, address))
    clients.push(...(await Promise.all(more.map(client => client.connected()))))
  }
  return clients
}

t.test('more connections than there are descriptors end the server, or what it does for others', async t => {
  const { origin, port, crashed } = await startWithFew(t)
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
    await sleep(1100)
  }
  known.send(get('/') + get('/api/auth/me', authorization))
  await until(() => known.statuses.length === 3)
  t.same(known.statuses, [200, 200, 200], 'whoever is connected goes on')
  t.equal(listener.closed, false)
  t.notOk(crashed())
  for (const { socket } of idle) socket.destroy()
  await until(async () => (await fetch(origin)).status === 200)
})

t.test('a server that is out of descriptors ends, since its periodic work fails', async t => {
  const { origin, port, pid, crashed, output } = await startWithFew(t)
  /** What the process may open from now on; what is open stays open. */
  const allow = (most: number) => execFileSync('prlimit', [`--nofile=${most}:`, '--pid', `${pid}`])
  const known = new RawClient(t, port).send(get('/health'))
  await until(() => known.statuses.length === 1)
  allow(0)
  known.send(get('/health'))
  await until(() => known.statuses.length === 2)
  const late = await new RawClient(t, port).send(get('/health')).connected()
  await until(() => output().includes('a periodic task failed') || crashed())
  // Others fail meanwhile.
  await sleep(2500)
  t.same([known.statuses, late.statuses], [[200, 200], []])
  allow(DESCRIPTORS)
  t.notOk(crashed())
  t.equal((await fetch(`${origin}/health`)).status, 200)
  const failures = await metric(origin, 'camgate_task_failures_total')
  t.ok(failures > 1, `${failures} failures are counted`)
  t.equal(output().match(/a periodic task failed/g)?.length, 1, 'and said once')
})

t.test('this machine itself, where proxies are, gets no more connections than one address', async t => {
  const limit = DESCRIPTORS / 2
  const { origin, port } = await startWithFew(t, { MAX_CONNECTIONS: String(limit) })
  const clients = await openMany(t, port, limit - 6, '127.0.0.3')
  for (const client of clients) client.send(get('/health'))
  await until(() => clients.every(client => client.closed || client.statuses.length > 0))
  t.equal(clients.filter(client => !client.closed && client.statuses[0] === 200).length, limit - 6)
  t.equal((await fetch(`${origin}/health`)).status, 200)
})

t.test('more connections are asked for than the process may have', async t => {
  await ensureBuilt()
  const few = ['sh', '-c', `ulimit -n ${DESCRIPTORS} && exec "$@"`, 'sh']
  const { code, stderr } = await serveUntilExit({ MAX_CONNECTIONS: '100000' }, few, BUILT_PROGRAM)
  t.equal(code, 1)
  t.match(
    stderr,
    'camgate cannot start: MAX_CONNECTIONS="100000" is not usable: at most 384, as the process may open 512 files',
  )
})
