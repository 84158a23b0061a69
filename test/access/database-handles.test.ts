import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyRequest } from 'fastify'
import t from 'tap'
import { WebSocket } from 'ws'
import { buildApp } from '../../app.ts'
import { readConfig } from '../../src/config/config.ts'
import { ADMIN } from '../support/app.ts'
import { callsOf } from '../support/calls.ts'
import { readSome } from '../support/endless.ts'
import { startHouse } from '../support/house.ts'
import { signIn } from '../support/sign-in.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { until } from '../support/until.ts'

t.test('no route leaves a database handle in use, whatever way a request goes out', async t => {
  const { app, origin, routes, admin } = await startHouse(t, {}, { API_REQUESTS_PER_MINUTE: '1000000' })
  const calls = callsOf(routes, {
    params: ['Front_Door', '1', '999', 'x'.repeat(2000)],
    queries: ['', '?src=Front_Door'],
  })
  t.ok(calls.length > 200, `${calls.length} calls`)
  const { port } = new URL(origin)

  // Each call logged in, not logged in, with a body that is none, and broken off at once.
  for (const { method, path, websocket } of calls) {
    if (/logout|auth\/sessions|users\/1/.test(path)) continue
    const hasBody = method !== 'GET' && method !== 'HEAD'
    const headers = { ...admin.headers, connection: 'close' }
    for (const [init, body] of [
      [{ headers }, '{}'],
      [{ headers: { 'content-type': 'application/json' } }, '{}'],
      [{ headers }, '{"not json'],
    ] as const) {
      if (!hasBody && body !== '{}') continue
      const reply = await fetch(origin + path, { ...init, method, body: hasBody ? body : null })
      await readSome(reply, 50, 64 * 1024)
    }
    const socket = connect(Number(port), '127.0.0.1')
    const upgrade = websocket
      ? 'connection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n'
      : ''
    await once(socket, 'connect')
    socket.on('error', () => {})
    socket.end(
      `${method} ${path} HTTP/1.1\r\nhost: x\r\nauthorization: ${headers.authorization}\r\n${upgrade}\r\n`,
    )
    setImmediate(() => socket.destroy())
  }
  await until(() => app.database.counters.in_use === 0)
  await until(() => app.viewers.size === 0)
  t.match(app.database.counters, { in_use: 0, timed_out: 0 })
})

t.test('a route that reads gives its handle back on every way out', async t => {
  const config = readConfig({
    DATABASE_PATH: `${await temporaryFolder(t)}/test.db`,
    BCRYPT_ROUNDS: '4',
    ADMIN_PASSWORD: ADMIN.password,
    DATABASE_CONNECTIONS: '2',
    DATABASE_WAIT_SECONDS: '5',
    FRIGATE_HOST: 'none',
  })
  const app = buildApp(config)
  t.teardown(() => app.close())
  const read = ({ db }: FastifyRequest) => db.selectFrom('users').select('id').execute()
  let entered = 0
  app.register(async scope => {
    scope.get('/try/reply', async request => ({ users: await read(request) }))
    scope.get('/try/throw', async request => {
      await read(request)
      throw new Error('on purpose')
    })
    scope.get('/try/throw-later', async (request, reply) => {
      await read(request)
      setTimeout(() => reply.send(new Error('on purpose')), 1)
      return reply
    })
    scope.get(
      '/try/validation',
      {
        preValidation: async request => {
          await read(request)
        },
        schema: { querystring: { type: 'object', required: ['never'], properties: { never: {} } } },
      },
      async () => 'never',
    )
    scope.get('/try/hang', async request => {
      await read(request)
      entered++
      await new Promise(() => {})
    })
    scope.get('/try/timeout', { handlerTimeout: 20 }, async request => {
      await read(request)
      await new Promise(() => {})
    })
    scope.get('/try/endless', async (request, reply) => {
      await read(request)
      return reply.send(
        (async function* () {
          for (;;) {
            yield Buffer.alloc(1024)
            await sleep(5)
          }
        })(),
      )
    })
    scope.get('/try/hijack', async (request, reply) => {
      await read(request)
      request.releaseDb()
      reply.hijack()
      reply.raw.writeHead(200)
      reply.raw.write('going on')
    })
    scope.get(
      '/try/socket',
      {
        config: { websocket: true },
        preHandler: async request => {
          await read(request)
        },
      },
      (request, reply) => app.upgrade(request, reply, () => {}),
    )
  })
  const origin = await app.listen({ host: '127.0.0.1', port: 0 })
  const returned = () => until(() => app.database.counters.in_use === 0)

  for (const [path, status] of [
    ['reply', 200],
    ['throw', 500],
    ['throw-later', 500],
    ['validation', 400],
    ['timeout', 503],
  ] as const) {
    const reply = await fetch(`${origin}/try/${path}`)
    t.equal(reply.status, status, path)
    await reply.text()
    t.equal(app.database.counters.in_use, 0, path)
  }

  for (let i = 0; i < 3; i++) {
    const abort = new AbortController()
    const hanging = fetch(`${origin}/try/hang`, { signal: abort.signal }).catch(() => {})
    await until(() => entered === i + 1)
    t.equal(app.database.counters.in_use, 1)
    abort.abort()
    await hanging
    await returned()
  }

  const running: Response[] = []
  for (const path of ['endless', 'endless', 'hijack', 'hijack'])
    running.push(await fetch(`${origin}/try/${path}`))
  await returned()
  t.same((await fetch(`${origin}/try/reply`)).status, 200)
  const socket = new WebSocket(`${origin.replace('http', 'ws')}/try/socket`)
  await once(socket, 'open')
  await returned()
  socket.terminate()
  for (const reply of running) await reply.body?.cancel()
  await signIn(origin)
  t.match(app.database.counters, { in_use: 0, timed_out: 0 })
})

t.test(
  'a request that finds every connection taken waits, and then gets a 503 that says when to come back',
  async t => {
    const { app, origin, admin } = await startHouse(
      t,
      {},
      { DATABASE_CONNECTIONS: '2', DATABASE_WAIT_SECONDS: '1' },
    )
    const holder = app.database.lease()
    await holder.db.selectFrom('users').select('id').execute()
    const reply = await admin.request('/api/admin/users')
    t.equal(reply.status, 503)
    t.equal(reply.headers.get('retry-after'), '1')
    t.match(await reply.json(), { code: 'DATABASE_BUSY', error: String, requestId: String })

    const waiting = admin.request('/api/admin/users')
    await until(() => app.database.counters.waited === 2)
    holder.release()
    t.equal((await waiting).status, 200)
    t.equal((await fetch(`${origin}/health`)).status, 200)
  },
)
