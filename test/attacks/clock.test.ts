import t, { type Test } from 'tap'
import { eventId } from '../../demo/frigate/household.ts'
import { ADMIN } from '../support/app.ts'
import { startBuiltWhole } from '../support/built-house.ts'
import { startBuilt, startBuiltHouse } from '../support/built-server.ts'
import { changeFile, rowsIn } from '../support/database-file.ts'
import { fakeClock } from '../support/fake-clock.ts'
import { logIn } from '../support/log-in.ts'
import { readEvents } from '../support/read-events.ts'
import { signIn } from '../support/sign-in.ts'
import { until } from '../support/until.ts'

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const TEN_YEARS = 10 * 365 * 24 * HOUR
/** Within so long the server looks after what is kept. */
const ROUND = MINUTE + SECOND

const right = (origin: string) => logIn(origin, ADMIN.username, ADMIN.password)

/** Milliseconds since the epoch of `YYYY-MM-DD HH:MM:SS`, or of what is such a number. */
const at = (time: string | number) =>
  typeof time === 'number' ? time : Date.parse(`${time.replace(' ', 'T')}Z`)

/** The server with a clock that can be set, and its administrator, who has logged in while it was right. */
async function startSettable(t: Test, env: Record<string, string> = {}) {
  const clock = await fakeClock(t, 'set')
  return { ...(await startBuiltHouse(t, { ...clock.env, ...env })), clock }
}

/** The server again, after whatever was done to its file, with time that can be passed. */
async function startLater(t: Test, DATABASE_PATH: string) {
  const clock = await fakeClock(t, 'passing')
  return { ...(await startBuiltHouse(t, { ...clock.env, DATABASE_PATH })), pass: clock.ahead }
}

t.test('a block must not last longer because it was made under a clock ahead', async t => {
  const { origin, admin, clock, stop, databasePath } = await startSettable(t)
  await clock.ahead(TEN_YEARS)
  for (let i = 0; i < 4; i++) await logIn(origin, 'nobody', 'wrong')
  t.equal((await right(origin)).status, 429)
  await clock.ahead(0)

  const listed = await (await admin.request('/api/admin/security/blocked-ips')).json()
  const [block] = (listed as { blocked_ips: { blocked_until: string }[] }).blocked_ips
  t.ok(at(block!.blocked_until) <= Date.now() + HOUR + MINUTE, 'as administrators see it')
  const answer = await right(origin)
  t.match(answer, { status: 429, body: { error: 'Too many failed login attempts. Try again in 60 minutes' } })
  t.ok(answer.retryAfter <= 3600, `${answer.retryAfter} s`)

  await stop()
  const again = await startBuilt(t, { ...clock.env, DATABASE_PATH: databasePath })
  await clock.ahead(30 * MINUTE)
  const { body } = await right(again.origin)
  t.match(body, { error: /Try again in 30 minutes/ }, 'it is not made anew each time')
  await clock.ahead(61 * MINUTE)
  t.equal((await right(again.origin)).status, 200, 'and it ends')
})

t.test('failures from under a clock ahead must not count for ever', async t => {
  const { origin, clock, stop, databasePath } = await startSettable(t)
  await clock.ahead(TEN_YEARS)
  for (let i = 0; i < 3; i++) await logIn(origin, 'nobody', 'wrong')
  t.match(await logIn(origin, 'nobody', 'wrong'), { status: 429 })
  const { body } = await logIn(origin, ADMIN.username, ADMIN.password, { from: '127.0.0.2' })
  const unblocked = await fetch(`${origin}/api/admin/security/unblock-ip`, {
    method: 'POST',
    headers: { authorization: `Bearer ${body.token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ ip_address: '127.0.0.1' }),
  })
  t.equal(unblocked.status, 200)
  for (let i = 0; i < 3; i++) await logIn(origin, 'nobody', 'wrong')
  await clock.ahead(0)
  t.match(await logIn(origin, 'nobody', 'wrong'), { status: 401, body: { attempts_remaining: 3 } })

  await stop()
  const failures = () => {
    const rows = rowsIn<{ failed_at: number }>(databasePath, 'SELECT failed_at FROM login_failures')
    return { all: rows.length, ahead: rows.filter(row => row.failed_at > Date.now() + HOUR).length }
  }
  const kept = failures()
  t.ok(kept.ahead > 0, `${kept.ahead} are ahead`)
  const { pass } = await startLater(t, databasePath)
  await pass(ROUND)
  await until(() => failures().ahead === 0)
  t.equal(failures().all, kept.all - kept.ahead, 'nor are they kept, and the others are')
  t.ok(failures().all > 0)
})

t.test('a session from under a clock ahead must not open anything, or be listed', async t => {
  const { origin, admin, clock } = await startSettable(t)
  await clock.ahead(TEN_YEARS)
  const future = await signIn(origin)
  t.equal((await future.request('/api/auth/me')).status, 200)
  await clock.ahead(0)
  t.equal((await future.request('/api/auth/me')).status, 401)
  const listed = await (await admin.request('/api/auth/sessions')).json()
  t.equal((listed as { sessions: unknown[] }).sessions.length, 1)
})

t.test('a limit on requests must not last longer than its window', async t => {
  const { origin, admin, clock } = await startSettable(t, { API_REQUESTS_PER_MINUTE: '60' })
  await clock.ahead(TEN_YEARS)
  const ask = () => fetch(`${origin}/api/public/cameras`)
  for (let i = 0; i < 60; i++) await ask()
  t.equal((await ask()).status, 429)
  await clock.ahead(0)
  const refused = await ask()
  t.equal(refused.status, 429)
  t.ok(Number(refused.headers.get('retry-after')) <= 60, `${refused.headers.get('retry-after')} s`)
  t.equal((await admin.request('/api/auth/me')).status, 200, 'another client is not limited')
})

/** Of each table the newest time in it. */
const NEWEST = {
  attempts: 'SELECT max(attempt_time) AS time FROM login_attempts',
  logins: 'SELECT max(last_login) AS time FROM users',
  sessions: 'SELECT max(last_seen) AS time FROM sessions',
  tokens: 'SELECT max(last_used) AS time FROM player_tokens',
  places: 'SELECT max(updated_at) AS time FROM ip_geo_cache',
  positions: 'SELECT max(kept_at) AS time FROM hls_positions',
}

t.test('what happened under a clock ahead must not be the newest for ever', async t => {
  const { origin, admin, clock, stop, databasePath } = await startSettable(t)
  const made = await admin.request('/api/auth/player-tokens', {
    method: 'POST',
    body: { name: 'wall', cameras: ['Garage'] },
  })
  const { token } = (await made.json()) as { token: string }
  await clock.ahead(TEN_YEARS)
  const future = await signIn(origin)
  t.equal((await future.request('/api/auth/me')).status, 200)
  await logIn(origin, 'nobody', 'wrong')
  await fetch(`${origin}/api/camera/Garage/snapshot?token=${token}`)
  await stop()
  const then = Date.now() + TEN_YEARS
  const timestamp = new Date(then).toISOString().slice(0, 19).replace('T', ' ')
  changeFile(
    databasePath,
    `INSERT INTO ip_geo_cache (ip_address, country, updated_at) VALUES ('203.0.113.1', 'x', '${timestamp}');
     INSERT INTO hls_positions (stream, number, seconds, discontinuity, kept_at) VALUES ('x', 1, 0, 0, ${then})`,
  )
  const newest = () =>
    Object.entries(NEWEST).map(
      ([what, sql]) => [what, at(rowsIn<{ time: string | number }>(databasePath, sql)[0]!.time)] as const,
    )
  for (const [what, time] of newest()) t.ok(time > then - HOUR, `${what} are ahead`)

  const later = await startLater(t, databasePath)
  await later.pass(ROUND)
  const latest = Date.now() + ROUND + MINUTE
  await until(() => newest().every(([, time]) => time <= latest))
  const attempts = () => rowsIn(databasePath, 'SELECT id FROM login_attempts').length
  const listed = await (await later.admin.request('/api/admin/security/login-attempts')).json()
  t.equal((listed as { login_attempts: unknown[] }).login_attempts.length, 4, 'nothing is lost')
  t.equal(attempts(), 4)
  await later.pass(25 * HOUR)
  await until(() => attempts() === 0)
})

t.test('hours of memory from under a clock ahead must not push out those of today', async t => {
  const clock = await fakeClock(t, 'set')
  await clock.ahead(TEN_YEARS)
  const { databasePath, stop } = await startBuilt(t, clock.env)
  await stop()
  await (await startBuilt(t, { ...clock.env, DATABASE_PATH: databasePath })).stop()
  const hours = () =>
    rowsIn<{ at: number }>(databasePath, 'SELECT at FROM memory_hours').map(row => row.at < Date.now() + HOUR)
  t.same(hours(), [false, false], 'two hours are ahead')
  await clock.ahead(0)
  await (await startBuilt(t, { ...clock.env, DATABASE_PATH: databasePath })).stop()
  t.same(hours(), [true])
})

t.test('a session with Frigate must not be used beyond its end', async t => {
  const login = { user: 'camgate', password: 'secret', lifeSeconds: 1 }
  const clock = await fakeClock(t, 'set')
  const { admin, frigate } = await startBuiltWhole(t, {
    frigateOptions: { login },
    env: { ...clock.env, FRIGATE_USER: login.user, FRIGATE_PASSWORD: login.password },
  })
  t.equal((await admin.request('/api/review')).status, 200)
  await clock.ahead(-30 * SECOND)
  const logins = frigate.seen(/^\/api\/login/).length
  const begun = performance.now()
  await until(() => performance.now() - begun > login.lifeSeconds * SECOND)
  t.equal((await admin.request('/api/review')).status, 200)
  t.ok(frigate.seen(/^\/api\/login/).length > logins, 'it logs in again')
  t.equal(frigate.seen(/^\/api\/review/).length, 2, 'neither was refused and asked again')
})

t.test('events after the clock was set back must not be taken for old ones', async t => {
  const clock = await fakeClock(t, 'set')
  const { origin, admin, frigate } = await startBuiltWhole(t, { env: clock.env })
  frigate.refuseWebSockets = true
  const { events } = frigate.household
  const now = Math.floor(Date.now() / SECOND)
  const event = (suffix: string, startTime: number, endTime: number | null) => ({
    ...events[0]!,
    id: eventId(startTime, suffix),
    startTime,
    endTime,
  })
  events.unshift(event('before', now - 3600, now - 3500))
  await clock.ahead(TEN_YEARS)
  const future = await signIn(origin)
  const first = await readEvents(t, `${origin}/api/events/stream?token=${future.token}`)
  const lists = () => frigate.seen(/^\/api\/events\?/).length
  await until(() => lists() > 0)
  await clock.ahead(0)
  await until(() => first.ended())

  const second = await readEvents(t, `${origin}/api/events/stream?token=${admin.token}`)
  events.unshift(event('afterw', now, null))
  await until(() => second.text().includes('-afterw'))
  t.match(second.text(), /^event: new\ndata: .*-afterw/m)
  t.notMatch(second.text(), '-before')
})
