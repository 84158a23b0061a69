import { join } from 'node:path'
import t from 'tap'
import { openDatabase } from '../../src/database/file/open.ts'
import { toTimestamp } from '../../src/database/file/timestamp.ts'
import type { Change } from '../../src/event-feed/change.ts'
import { PollSource } from '../../src/event-feed/poll-source.ts'
import { FIELDS } from '../../src/history/fields.ts'
import { HourStore } from '../../src/history/hour-store.ts'
import { ADMIN, startApp } from '../support/app.ts'
import { setClock } from '../support/clock.ts'
import { startHouse } from '../support/house.ts'
import { logIn } from '../support/log-in.ts'
import { signIn } from '../support/sign-in.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { until } from '../support/until.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const TEN_YEARS = 10 * 365 * 24 * HOUR

const right = (origin: string) => logIn(origin, ADMIN.username, ADMIN.password)

t.test('a block must not last longer because it was made under a clock ahead', async t => {
  const clock = setClock(t)
  const first = await startApp(t)
  const admin = await signIn(first.origin)
  clock.ahead(TEN_YEARS)
  for (let i = 0; i < 4; i++) await logIn(first.origin, 'nobody', 'wrong')
  t.equal((await right(first.origin)).status, 429)
  clock.ahead(0)

  const listed = await (await admin.request('/api/admin/security/blocked-ips')).json()
  const [block] = (listed as { blocked_ips: { blocked_until: string }[] }).blocked_ips
  t.ok(block!.blocked_until <= toTimestamp(Date.now() + HOUR + MINUTE), 'as administrators see it')
  const answer = await right(first.origin)
  t.match(answer, { status: 429, body: { error: 'Too many failed login attempts. Try again in 60 minutes' } })
  t.ok(answer.retryAfter <= 3600, `${answer.retryAfter} s`)

  const DATABASE_PATH = first.app.config.accounts.databasePath
  await first.app.close()
  const { origin } = await startApp(t, { DATABASE_PATH })
  clock.ahead(30 * MINUTE)
  t.match((await right(origin)).body, { error: /Try again in 30 minutes/ }, 'it is not made anew each time')
  clock.ahead(61 * MINUTE)
  t.equal((await right(origin)).status, 200, 'and it ends')
})

t.test('failures from under a clock ahead must not count for ever', async t => {
  const { app, origin } = await startApp(t)
  const clock = setClock(t)
  clock.ahead(TEN_YEARS)
  for (let i = 0; i < 3; i++) await logIn(origin, 'nobody', 'wrong')
  t.match(await logIn(origin, 'nobody', 'wrong'), { status: 429 })
  await app.loginProtection.unblock({ id: 1, name: 'admin', address: '' }, '127.0.0.1')
  for (let i = 0; i < 3; i++) await logIn(origin, 'nobody', 'wrong')
  clock.ahead(0)
  t.match(await logIn(origin, 'nobody', 'wrong'), { status: 401, body: { attempts_remaining: 3 } })
  await app.housekeeping.run()
  const kept = await app.database.read(db => db.selectFrom('login_failures').selectAll().execute())
  t.ok(kept.length > 0)
  t.ok(
    kept.every(({ failed_at }) => failed_at <= Date.now()),
    'nor are they kept',
  )
})

t.test('a session from under a clock ahead must not open anything, or be listed', async t => {
  const { origin } = await startApp(t)
  const now = await signIn(origin)
  const clock = setClock(t)
  clock.ahead(TEN_YEARS)
  const future = await signIn(origin)
  t.equal((await future.request('/api/auth/me')).status, 200)
  clock.ahead(0)
  t.equal((await future.request('/api/auth/me')).status, 401)
  const { sessions } = (await (await now.request('/api/auth/sessions')).json()) as { sessions: unknown[] }
  t.equal(sessions.length, 1)
})

t.test('a limit on requests must not last longer than its window', async t => {
  const { origin } = await startApp(t, { API_REQUESTS_PER_MINUTE: '60' })
  const admin = await signIn(origin)
  const clock = setClock(t)
  clock.ahead(TEN_YEARS)
  const ask = () => fetch(`${origin}/api/public/cameras`)
  for (let i = 0; i < 60; i++) await ask()
  t.equal((await ask()).status, 429)
  clock.ahead(0)
  const refused = await ask()
  t.equal(refused.status, 429)
  t.ok(Number(refused.headers.get('retry-after')) <= 60, `${refused.headers.get('retry-after')} s`)
  t.equal((await admin.request('/api/auth/me')).status, 200, 'another client is not limited')
})

t.test('what happened under a clock ahead must not be the newest for ever', async t => {
  const { app, origin } = await startApp(t)
  const admin = await signIn(origin)
  const clock = setClock(t)
  clock.ahead(TEN_YEARS)
  await signIn(origin)
  await logIn(origin, 'nobody', 'wrong')
  await app.database.write(async db => {
    const place = { country: 'x', region: '', city: '', lat: null, lon: null, isp: '' }
    const updated_at = toTimestamp(Date.now())
    await db
      .insertInto('ip_geo_cache')
      .values({ ip_address: '203.0.113.1', ...place, updated_at })
      .execute()
    await db
      .insertInto('hls_positions')
      .values({ stream: 'x', number: 1, seconds: 0, discontinuity: 0, kept_at: Date.now() })
      .execute()
  })
  clock.ahead(0)
  await app.housekeeping.run()
  const latest = toTimestamp(Date.now() + MINUTE)
  const newest = await app.database.read(async db => ({
    attempt: await db
      .selectFrom('login_attempts')
      .select(({ fn }) => fn.max('attempt_time').as('at'))
      .executeTakeFirstOrThrow(),
    login: await db
      .selectFrom('users')
      .select(({ fn }) => fn.max('last_login').as('at'))
      .executeTakeFirstOrThrow(),
    seen: await db
      .selectFrom('sessions')
      .select(({ fn }) => fn.max('last_seen').as('at'))
      .executeTakeFirstOrThrow(),
    place: await db.selectFrom('ip_geo_cache').select('updated_at as at').executeTakeFirstOrThrow(),
    position: await db.selectFrom('hls_positions').select('kept_at as at').executeTakeFirstOrThrow(),
  }))
  for (const [what, { at }] of Object.entries(newest))
    t.ok(at! <= (typeof at === 'number' ? Date.now() : latest), `${what}: ${at}`)
  const { login_attempts } = (await (await admin.request('/api/admin/security/login-attempts')).json()) as {
    login_attempts: unknown[]
  }
  t.equal(login_attempts.length, 3, 'nothing is lost')
  clock.ahead(25 * HOUR)
  await app.housekeeping.run()
  t.same(await app.database.read(db => db.selectFrom('login_attempts').select('id').execute()), [])
})

t.test('a session with Frigate must not be used beyond its end', async t => {
  const login = { user: 'camgate', password: 'secret', lifeSeconds: 2 }
  const env = { FRIGATE_USER: login.user, FRIGATE_PASSWORD: login.password }
  const house = await startHouse(t, { login }, env)
  const clock = setClock(t)
  t.equal((await house.request('/api/review')).status, 200)
  clock.ahead(-30_000)
  const begun = performance.now()
  await until(() => performance.now() - begun > 2000)
  t.equal((await house.request('/api/review')).status, 200)
  t.equal(house.frigate.seen(/^\/api\/login/).length, 2)
})

t.test('events after the clock was set back must not be taken for old ones', async t => {
  const clock = setClock(t)
  const event = (id: string) => ({
    id,
    camera: 'Driveway',
    label: 'person',
    start_time: Date.now() / 1000,
    end_time: null,
  })
  const listed = [{ ...event('before'), start_time: Date.now() / 1000 - 3600 }]
  const told: string[] = []
  clock.ahead(TEN_YEARS)
  const source = new PollSource(async function* () {
    yield [...listed]
  })
  const listener = {
    connected: () => {},
    change: ({ type, event: { id } }: Change) => {
      if (type === 'new') told.push(id)
    },
  }
  source.start(listener)
  await until(() => told.length === 0)
  clock.ahead(0)
  listed.unshift(event('after'))
  await until(() => told.includes('after'))
  source.stop()
  t.notOk(told.includes('before'))
})

t.test('hours of memory from under a clock ahead must not push out those of today', async t => {
  const path = join(await temporaryFolder(t), 'camgate.db')
  const database = await openDatabase({ path, connections: 2, waitMs: 10_000 })
  t.teardown(() => database.close())
  const store = new HourStore(database)
  const hour = (at: number) => ({ at, spread: new Array<number>(FIELDS.length * 3).fill(1), marks: [] })
  const today = Date.now()
  for (const at of [today + TEN_YEARS, today + TEN_YEARS + HOUR, today - HOUR]) await store.write(hour(at))
  t.same(
    (await store.read()).map(({ at }) => at),
    [today - HOUR],
  )
})
