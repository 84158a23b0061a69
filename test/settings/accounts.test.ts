import t from 'tap'
import { toTimestamp } from '../../src/database/file/timestamp.ts'
import { startApp } from '../support/app.ts'
import { signIn } from '../support/sign-in.ts'
import { until } from '../support/until.ts'

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE

const fail = (origin: string, headers = {}) =>
  fetch(`${origin}/api/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ username: 'admin', password: 'wrong' }),
  })

t.test('ADMIN_USERNAME, ADMIN_EMAIL and ADMIN_FULL_NAME must not be without effect', async t => {
  const plain = await startApp(t)
  const { request } = await signIn(plain.origin)
  t.match(await (await request('/api/auth/me')).json(), { user: { email: null, full_name: null } })

  const { origin } = await startApp(t, {
    ADMIN_USERNAME: 'owner',
    ADMIN_EMAIL: 'owner@example.org',
    ADMIN_FULL_NAME: 'The Owner',
  })
  const owner = await signIn(origin, { username: 'owner', password: 'Correct-Horse-7' })
  t.match(await (await owner.request('/api/auth/me')).json(), {
    user: { username: 'owner', email: 'owner@example.org', full_name: 'The Owner', is_admin: true },
  })
})

t.test('JWT_EXPIRATION_HOURS must not be without effect', async t => {
  for (const [env, hours] of [
    [{}, 24],
    [{ JWT_EXPIRATION_HOURS: '2' }, 2],
  ] as const) {
    const { app, origin } = await startApp(t, env)
    const { token, request } = await signIn(origin)
    const { iat, exp } = JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString())
    t.equal(exp - iat, hours * 3600)
    t.equal((await request('/api/auth/me')).status, 200)
    const ends = await app.database.read(db =>
      db.selectFrom('sessions').select(['created_at', 'expires_at']).executeTakeFirstOrThrow(),
    )
    t.equal((Date.parse(ends.expires_at) - Date.parse(ends.created_at)) / 3_600_000, hours)
  }
})

t.test('LOGIN_WINDOW_MINUTES must not be without effect', async t => {
  for (const [env, status] of [
    [{ LOGIN_WINDOW_MINUTES: '5' }, 401],
    [{ LOGIN_WINDOW_MINUTES: '15' }, 429],
  ] as const) {
    const { app, origin } = await startApp(t, env)
    for (let i = 0; i < 3; i++) t.equal((await fail(origin)).status, 401)
    const failedAt = Date.now() - 10 * MINUTE
    await app.database.write(db => db.updateTable('login_failures').set({ failed_at: failedAt }).execute())
    t.equal((await fail(origin)).status, status, `${JSON.stringify(env)}: failures of ten minutes ago`)
  }
})

t.test('LOGIN_BLOCK_MINUTES must not be without effect', async t => {
  for (const [env, minutes] of [
    [{ LOGIN_MAX_FAILURES: '1' }, 60],
    [{ LOGIN_MAX_FAILURES: '1', LOGIN_BLOCK_MINUTES: '5' }, 5],
  ] as const) {
    const { app, origin } = await startApp(t, env)
    t.equal((await fail(origin)).status, 429)
    const block = await app.database.read(db =>
      db.selectFrom('blocked_ips').select(['blocked_at', 'blocked_until']).executeTakeFirstOrThrow(),
    )
    const time = (stamp: string) => Date.parse(`${stamp.replace(' ', 'T')}Z`)
    t.equal(Math.round((time(block.blocked_until) - time(block.blocked_at)) / MINUTE), minutes)
  }
})

t.test('AUDIT_DAYS and AUDIT_ENTRIES must not be without effect', async t => {
  const kept = async (env: Record<string, string>) => {
    const { app } = await startApp(t, env)
    const entry = (age: number) => ({
      at: toTimestamp(Date.now() - age),
      action: 'user.updated',
      actor_id: 1,
      actor: 'admin',
      ip_address: '127.0.0.1',
    })
    const entries = [entry(5 * DAY), ...Array.from({ length: 149 }, () => entry(DAY))]
    await app.database.write(db => db.insertInto('audit_log').values(entries).execute())
    await app.housekeeping.run()
    return app.database.read(db => db.selectFrom('audit_log').select(['id', 'at']).orderBy('id').execute())
  }
  t.equal((await kept({})).length, 150)
  const young = await kept({ AUDIT_DAYS: '2' })
  t.equal(young.length, 149)
  t.ok(young.every(({ at }) => at > toTimestamp(Date.now() - 2 * DAY)))
  const few = await kept({ AUDIT_ENTRIES: '100' })
  t.same([few.length, few.at(-1)?.id], [100, 150], 'the newest')
})

t.test('GEOIP_PROVIDER must not be without effect, nor ask anybody where it is off', async t => {
  const asked: string[] = []
  const { fetch: real } = globalThis
  t.teardown(() => {
    globalThis.fetch = real
  })
  globalThis.fetch = async (input, init) => {
    const { host, pathname } = new URL(input instanceof Request ? input.url : input)
    if (host !== 'ip-api.com') return real(input, init)
    asked.push(pathname)
    const body = JSON.stringify({ status: 'success', country: 'Norway', regionName: 'Oslo', city: 'Oslo' })
    return new Response(body, { headers: { 'content-length': String(body.length) } })
  }
  for (const provider of ['disabled', 'ipapi']) {
    const { app, origin } = await startApp(t, { GEOIP_PROVIDER: provider, TRUSTED_PROXIES: '127.0.0.1' })
    await fail(origin, { 'x-forwarded-for': '198.51.100.9' })
    const { request } = await signIn(origin)
    const places = async () => {
      const reply = await request('/api/admin/security/login-attempts')
      const { login_attempts } = (await reply.json()) as { login_attempts: { location: string }[] }
      return login_attempts.map(({ location }) => location)
    }
    t.ok((await places()).includes('Unknown'))
    if (provider === 'disabled') {
      t.equal(app.geoip.waiting, 0)
      t.same(asked, [])
      continue
    }
    await until(async () => (await places()).includes('Oslo, Oslo, Norway'))
    t.same(asked, ['/json/198.51.100.9'])
  }
})
