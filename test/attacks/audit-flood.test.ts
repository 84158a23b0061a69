import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { sql } from 'kysely'
import t, { type Test } from 'tap'
import { note, pruneAudit } from '../../src/audit/audit.ts'
import { HandleStore } from '../../src/handles/handle-store.ts'
import { pruneAttempts } from '../../src/login-protection/attempts.ts'
import { equalPart } from '../../src/shares/equal-part.ts'
import { startApp } from '../support/app.ts'
import { signIn } from '../support/sign-in.ts'
import { newUser, PASSWORD } from '../support/users.ts'

type App = Awaited<ReturnType<typeof startApp>>['app']

async function auditOf(app: App) {
  return app.database.read(db =>
    db.selectFrom('audit_log').select(['actor', 'actor_id', 'action']).orderBy('id').execute(),
  )
}

async function setUp(t: Test) {
  const { app, origin } = await startApp(t, {
    AUDIT_ENTRIES: '100',
    API_REQUESTS_PER_MINUTE: '1000000',
    FRIGATE_HOST: 'none',
  })
  const admin = await signIn(origin)
  return { app, origin, admin, user: await newUser(origin, admin, 'kim') }
}

t.test('an ordinary user must not push entries of others out of the audit log', async t => {
  const { app, admin, user } = await setUp(t)
  const made = await admin.request('/api/admin/users', {
    method: 'POST',
    body: { username: 'lee', password: PASSWORD },
  })
  t.equal(made.status, 201)
  await admin.request(`/api/admin/users/${user.user.id}/cameras`, {
    method: 'PUT',
    body: { mode: 'custom', cameras: ['Driveway'] },
  })
  const before = (await auditOf(app)).filter(({ actor }) => actor === 'admin')
  t.ok(before.length >= 4, JSON.stringify(before))

  for (let i = 0; i < 200; i++) {
    const reply = await user.request('/api/auth/player-tokens', {
      method: 'POST',
      body: { name: `wall ${i}`, cameras: ['Driveway'] },
    })
    const { player_token } = (await reply.json()) as { player_token: { id: string } }
    await user.request(`/api/auth/player-tokens/${player_token.id}`, { method: 'DELETE' })
  }
  t.equal((await auditOf(app)).filter(({ actor }) => actor === 'kim').length, 401)
  await app.housekeeping.run()
  const left = await auditOf(app)
  t.ok(left.length <= 100 && left.length >= 98, `${left.length} are left`)
  t.same(
    left.filter(({ actor }) => actor === 'admin'),
    before,
    'every entry of the administrator is there',
  )
  const own = left.filter(({ actor }) => actor === 'kim')
  t.equal(own.length, left.length - before.length, 'who is alone with it has the rest')
  t.ok(
    own.some(({ action }) => action === 'login'),
    'and what they did once is not displaced by what they did often',
  )
})

t.test(
  'a player token must not carry more names of cameras than a list of tokens can be made of',
  async t => {
    const { user } = await setUp(t)
    const create = (length: number) =>
      user.request('/api/auth/player-tokens', {
        method: 'POST',
        body: {
          name: 'wall',
          cameras: Array.from({ length }, (_, i) => `${i}`.padEnd(120, 'x')),
        },
      })
    t.equal((await create(100)).status, 201)
    const refused = await create(200)
    t.equal(refused.status, 400)
    t.match(await refused.json(), { code: 'PLAYER_TOKEN_CAMERAS_TOO_LONG' })
  },
)

t.test('renaming oneself again and again must end in a refusal', async t => {
  const { user } = await setUp(t)
  let name = 'kim'
  const statuses: number[] = []
  for (let i = 0; i < 12; i++) {
    const next = `kim-${i}`
    const reply = await user.request('/api/auth/change-username', {
      method: 'POST',
      body: { current_username: name, new_username: next, confirm_username: next },
    })
    statuses.push(reply.status)
    if (reply.status === 200) name = next
  }
  t.same(statuses, [...Array<number>(10).fill(200), 429, 429])
})

t.test('many users and strangers at once must leave each an equal part', async t => {
  const { app } = await startApp(t)
  const limits = { maxAgeMs: 1e12, maxEntries: 400, batch: 100_000 }
  await app.database.write(async db => {
    await db.deleteFrom('audit_log').execute()
    for (let i = 0; i < 20; i++) await note(db, { id: 1, name: 'admin', address: '' }, 'user.updated')
    await note(db, { id: null, name: 'x', address: '' }, 'login.blocked')
    for (let i = 0; i < 500; i++) {
      for (const id of [2, 3]) await note(db, { id, name: `user ${id}`, address: '' }, 'username.changed')
      await note(db, { id: null, name: `guess ${i}`, address: '' }, 'login.failed')
    }
  })
  await pruneAudit(app.database, limits)
  const left = Map.groupBy(await auditOf(app), ({ actor_id }) => actor_id)
  t.equal(left.get(1)?.length, 20)
  t.equal(left.get(2)?.length, left.get(3)?.length)
  t.ok(left.get(2)!.length >= 100)
  t.equal(left.get(null)?.length, 40)
  t.equal(left.get(null)?.[0]?.action, 'login.blocked')
})

t.test('logging in again and again must not push out the attempts of others', async t => {
  const { app } = await startApp(t)
  await app.database.write(async db => {
    const failed = { ip_address: '203.0.113.9', username: 'kim', success: 0, user_agent: null } as const
    await db
      .insertInto('login_attempts')
      .values({ ...failed, attempt_time: sql`CURRENT_TIMESTAMP` })
      .execute()
    await sql`
      with recursive n(i) as (select 1 union all select i + 1 from n where i < 21000)
      insert into login_attempts (ip_address, username, success) select '10.0.0.' || (i % 200), 'kim', 1 from n
    `.execute(db)
  })
  await pruneAttempts(app.database, 5000)
  const left = await app.database.read(db =>
    db.selectFrom('login_attempts').select('success').orderBy('id').execute(),
  )
  t.equal(left.length, 20_000)
  t.equal(left[0]?.success, 0, 'the oldest of all is there')
})

t.test(
  'the path handles of one user, however many sessions they have, must not end those of others',
  async t => {
    const { app, origin, admin } = await setUp(t)
    const store = new HandleStore(app.database, { perSession: 40, total: 160 })
    const sessionOf = async (username: string) => {
      await signIn(origin, { username, password: PASSWORD })
      const [session] = await app.database.read(db =>
        db
          .selectFrom('sessions')
          .innerJoin('users', 'users.id', 'sessions.user_id')
          .select('sessions.id')
          .where('username', '=', username)
          .orderBy(sql`sessions.rowid`, 'desc')
          .execute(),
      )
      return session!.id
    }
    await newUser(origin, admin, 'lee')
    const add = async (sessionId: string, count: number) => {
      const handles = Array.from({ length: count }, () => randomUUID())
      for (const [i, handle] of handles.entries())
        await store.add(handle, { sessionId, subject: { kind: 'live', id: `${i}`, camera: 'Driveway' } })
      return handles
    }
    const others = await add(await sessionOf('lee'), 30)
    for (let i = 0; i < 8; i++) await add(await sessionOf('kim'), 40)
    for (const handle of others) t.ok(await store.find(handle))
    const { count } = await app.database.read(db =>
      db.selectFrom('path_handles').select(db.fn.countAll<number>().as('count')).executeTakeFirstOrThrow(),
    )
    t.ok(count <= 160 && count >= 150, `${count} are left`)
  },
)

t.test('an equal part must leave small holdings alone', t => {
  t.equal(equalPart([1, 2, 3], 6), Number.POSITIVE_INFINITY)
  t.equal(equalPart([100, 2, 3], 35), 30)
  t.equal(equalPart([10, 10, 10], 15), 5)
  t.equal(equalPart([5], 0), 0)
  t.equal(equalPart([], 0), Number.POSITIVE_INFINITY)
  t.end()
})

t.test('a table must not be written that the docs give no bound for', async t => {
  const { app } = await startApp(t)
  const { rows } = await app.database.write(db =>
    sql<{ name: string }>`
      select name from sqlite_schema where type = 'table' and name not like 'sqlite%' and name not like 'kysely%'
    `.execute(db),
  )
  const docs = await readFile(new URL('../../docs/security.md', import.meta.url), 'utf8')
  const described = [...docs.matchAll(/^\| `(\w+)`(?:, `(\w+)`)? \|/gm)].flatMap(([, ...names]) =>
    names.filter(name => name !== undefined),
  )
  t.same(described.sort(), rows.map(({ name }) => name).sort())
})
