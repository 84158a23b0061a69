import { setTimeout as sleep } from 'node:timers/promises'
import bcrypt from 'bcrypt'
import t from 'tap'
import { ADMIN, startApp } from '../support/app.ts'
import { signIn } from '../support/sign-in.ts'

type Answer = { status: number; retryAfter: string | null; body: Record<string, unknown> }

async function attempt(
  origin: string,
  username: string,
  password = 'wrong',
  headers: Record<string, string> = {},
): Promise<Answer> {
  const reply = await fetch(`${origin}/api/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ username, password }),
  })
  return {
    status: reply.status,
    retryAfter: reply.headers.get('retry-after'),
    body: (await reply.json()) as Record<string, unknown>,
  }
}

t.test(
  'three failures count down, the fourth blocks, and then even the right password is refused',
  async t => {
    const { origin } = await startApp(t)
    for (const attempts_remaining of [3, 2, 1])
      t.match(await attempt(origin, 'admin'), {
        status: 401,
        body: { error: 'Invalid credentials', attempts_remaining },
      })
    t.match(await attempt(origin, 'somebody-else'), {
      status: 429,
      retryAfter: /^\d+$/,
      body: { error: String },
    })
    t.match(await attempt(origin, ADMIN.username, ADMIN.password), {
      status: 429,
      body: { code: 'ADDRESS_BLOCKED', error: /Try again in 60 minutes/ },
    })
  },
)

t.test('a block outlives a restart and ends by itself', async t => {
  const first = await startApp(t, { LOGIN_MAX_FAILURES: '1' })
  await attempt(first.origin, 'admin')
  const path = first.app.config.accounts.databasePath
  await first.app.close()
  const { app, origin } = await startApp(t, { LOGIN_MAX_FAILURES: '1', DATABASE_PATH: path })
  t.equal((await attempt(origin, ADMIN.username, ADMIN.password)).status, 429)
  await app.database.write(db =>
    db.updateTable('blocked_ips').set({ blocked_until: '2026-01-01 00:00:00.123' }).execute(),
  )
  t.equal((await attempt(origin, ADMIN.username, ADMIN.password)).status, 200)
  await app.housekeeping.run()
  t.same(await app.database.read(db => db.selectFrom('blocked_ips').selectAll().execute()), [])
})

t.test('failures older than the window count no more', async t => {
  const { app, origin } = await startApp(t)
  for (let i = 0; i < 3; i++) await attempt(origin, 'admin')
  await app.database.write(db =>
    db
      .updateTable('login_failures')
      .set({ failed_at: Date.now() - 3_600_001 })
      .execute(),
  )
  t.match(await attempt(origin, 'admin'), { status: 401, body: { attempts_remaining: 3 } })
})

t.test('unblocking lifts the block and forgets the failures', async t => {
  const { app, origin } = await startApp(t)
  const admin = await signIn(origin)
  const unblock = (body: unknown) => admin.request('/api/admin/security/unblock-ip', { method: 'POST', body })
  t.match(await (await unblock({})).json(), { error: 'IP address is required' })
  t.equal((await unblock({})).status, 400)
  t.equal((await unblock({ ip_address: '127.0.0.1' })).status, 404)
  for (let i = 0; i < 4; i++) await attempt(origin, 'admin')

  const { blocked_ips } = (await (await admin.request('/api/admin/security/blocked-ips')).json()) as {
    blocked_ips: unknown[]
  }
  t.match(blocked_ips, [
    {
      ip_address: '127.0.0.1',
      blocked_at: /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/,
      blocked_until: /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/,
      failed_attempts: 4,
      reason: String,
    },
  ])
  t.match(await (await unblock({ ip_address: '127.0.0.1' })).json(), { message: /127\.0\.0\.1/ })
  t.match(await attempt(origin, 'admin'), { status: 401, body: { attempts_remaining: 3 } })
  t.equal((await app.database.read(db => db.selectFrom('blocked_ips').selectAll().execute())).length, 0)
})

t.test('of fifty attempts at once no more than the limit reach the password check', async t => {
  const { app, origin } = await startApp(t)
  const answers = await Promise.all(Array.from({ length: 50 }, () => attempt(origin, 'admin')))
  const checked = answers.filter(answer => answer.status === 401 || answer.body.code === 'ADDRESS_BLOCKED')
  const failures = await app.database.read(db =>
    db.selectFrom('login_attempts').select('id').where('success', '=', 0).execute(),
  )
  t.ok(failures.length <= 4, `${failures.length} were checked`)
  t.ok(checked.length >= failures.length)
  t.same(
    answers.map(answer => answer.status).filter(status => ![401, 429, 503].includes(status)),
    [],
  )
})

t.test('a forged forwarding header does not get round the block', async t => {
  const { origin } = await startApp(t)
  for (let i = 0; i < 4; i++) await attempt(origin, 'admin', 'wrong', { 'x-forwarded-for': `203.0.113.${i}` })
  t.equal((await attempt(origin, 'admin', ADMIN.password, { 'x-forwarded-for': '203.0.113.99' })).status, 429)
})

t.test('behind an unlisted proxy typos of one name do not lock out the household', async t => {
  const { origin } = await startApp(t)
  const admin = await signIn(origin)
  const proxied = { 'x-forwarded-for': '203.0.113.5' }
  for (let i = 0; i < 4; i++) await attempt(origin, 'kim', 'wrong', proxied)
  t.equal((await attempt(origin, 'kim', 'wrong', proxied)).status, 429)
  t.equal((await attempt(origin, ADMIN.username, ADMIN.password, proxied)).status, 200)
  const { blocked_ips } = (await (await admin.request('/api/admin/security/blocked-ips')).json()) as {
    blocked_ips: { ip_address: string }[]
  }
  t.same(
    blocked_ips.map(block => block.ip_address),
    ['127.0.0.1 (kim)'],
  )
  const body = { ip_address: '127.0.0.1 (kim)' }
  t.equal((await admin.request('/api/admin/security/unblock-ip', { method: 'POST', body })).status, 200)
  t.equal((await attempt(origin, 'kim', 'wrong', proxied)).status, 401)
})

t.test('behind a listed proxy each client counts by itself', async t => {
  const { app, origin } = await startApp(t, { TRUSTED_PROXIES: '127.0.0.0/8' })
  const from = (address: string) => ({ 'x-forwarded-for': address })
  for (let i = 0; i < 4; i++) await attempt(origin, 'admin', 'wrong', from('203.0.113.5'))
  t.equal((await attempt(origin, 'admin', 'wrong', from('203.0.113.5'))).status, 429)
  t.equal((await attempt(origin, 'admin', 'wrong', from('203.0.113.6'))).status, 401)
  t.equal(
    (await attempt(origin, 'admin', 'wrong', from('198.51.100.1, 203.0.113.5'))).status,
    429,
    'the address that the proxy saw counts, not what the client claims',
  )
  const rows = await app.database.read(db => db.selectFrom('login_attempts').select('ip_address').execute())
  t.same([...new Set(rows.map(row => row.ip_address))], ['203.0.113.5', '203.0.113.6'])
})

t.test('IPv6 clients count by /64', async t => {
  const { origin } = await startApp(t, { TRUSTED_PROXIES: '127.0.0.1' })
  const from = (address: string) => ({ 'x-forwarded-for': address })
  for (let i = 1; i <= 4; i++) await attempt(origin, 'admin', 'wrong', from(`2001:db8:1:2::${i}`))
  t.equal((await attempt(origin, 'admin', 'wrong', from('2001:db8:1:2:ffff::1'))).status, 429)
  t.equal((await attempt(origin, 'admin', 'wrong', from('2001:db8:1:3::1'))).status, 401)
})

t.test('login attempts are listed as the PWA shows them', async t => {
  const { app, origin } = await startApp(t)
  const admin = await signIn(origin)
  await attempt(origin, 'kim', 'wrong', { 'user-agent': 'a phone' })
  await app.database.write(async db => {
    const row = { success: 0, user_agent: null } as const
    await db
      .insertInto('login_attempts')
      .values([
        { ...row, ip_address: '203.0.113.5', username: 'old', attempt_time: '2020-01-01 00:00:00' },
        { ...row, ip_address: '203.0.113.6', username: 'lee', attempt_time: '2099-01-01 00:00:00' },
      ])
      .execute()
  })
  const { login_attempts } = (await (await admin.request('/api/admin/security/login-attempts')).json()) as {
    login_attempts: unknown[]
  }
  t.match(login_attempts, [
    { ip_address: '203.0.113.6', username: 'lee', success: false, location: 'Unknown', user_agent: null },
    {
      ip_address: '127.0.0.1',
      username: 'kim',
      success: false,
      attempt_time: String,
      user_agent: 'a phone',
      blocked: false,
      location: 'Private Network',
    },
    { username: 'admin', success: true },
  ])
  t.equal(login_attempts.length, 3)
})

t.test('more password checks than may wait are refused at once instead of queueing', async t => {
  const { origin } = await startApp(t, { LOGIN_MAX_FAILURES: '1000', BCRYPT_ROUNDS: '10' })
  const answers = await Promise.all(Array.from({ length: 40 }, () => attempt(origin, 'admin')))
  const busy = answers.filter(answer => answer.status === 503)
  t.ok(busy.length > 0)
  t.match(busy[0], { retryAfter: '2', body: { code: 'PASSWORD_CHECKS_BUSY' } })
  t.ok(answers.some(answer => answer.status === 401))
})

t.test('an unknown user costs as much as a wrong password', async t => {
  const { app } = await startApp(t, { LOGIN_MAX_FAILURES: '1000', BCRYPT_ROUNDS: '10' })
  const client = { address: '127.0.0.1', userAgent: '', sharedAddress: false }
  const time = async (username: string) => {
    const start = performance.now()
    await app.accounts.login({ username, password: 'wrong' }, client).catch(() => undefined)
    return performance.now() - start
  }
  const best = { admin: Number.POSITIVE_INFINITY, nobody: Number.POSITIVE_INFINITY }
  const compare = async (kind: string) => {
    for (let i = 0; i < 8; i++) {
      best.admin = Math.min(best.admin, await time('admin'))
      best.nobody = Math.min(best.nobody, await time('nobody'))
      await sleep(1)
    }
    t.ok(best.nobody > best.admin / 2, `unknown ${best.nobody} ms, ${kind} ${best.admin} ms`)
    t.ok(best.admin > best.nobody / 2, `unknown ${best.nobody} ms, ${kind} ${best.admin} ms`)
  }
  await compare('known')
  const password_hash = await bcrypt.hash('Old-Backend-1', 6)
  await app.database.write(db => db.updateTable('users').set({ password_hash }).execute())
  best.admin = Number.POSITIVE_INFINITY
  await compare('known at an old cost')
})

t.test('a bad TRUSTED_PROXIES stops the start with a line that says what is allowed', async t => {
  for (const value of ['caddy', '10.0.0.0/33', '10.0.0.1/8/8', '10.0.0.1, x'])
    await t.rejects(async () => startApp(t, { TRUSTED_PROXIES: value }), { message: /^TRUSTED_PROXIES=/ })
})
