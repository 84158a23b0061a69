import { readFile } from 'node:fs/promises'
import t, { type Test } from 'tap'
import { startBuiltLive } from '../support/built-house.ts'
import { startBuiltHouse } from '../support/built-server.ts'
import { changeFile, rowsIn } from '../support/database-file.ts'
import { fakeClock } from '../support/fake-clock.ts'
import { openStream } from '../support/hls-client.ts'
import { signIn } from '../support/sign-in.ts'
import { until } from '../support/until.ts'
import { newUser, PASSWORD } from '../support/users.ts'

interface Entry {
  readonly id: number
  readonly actor: string
  readonly action: string
}

/** The server with time that can be passed: `tidied` resolves when it has looked after its tables so often that `done`. */
async function startPassing(t: Test, env: Record<string, string> = {}) {
  const clock = await fakeClock(t, 'passing')
  const house = await startBuiltHouse(t, { ...clock.env, ...env })
  let minutes = 0
  const tidied = (done: () => boolean) =>
    until(async () => {
      minutes += 2
      await clock.ahead(minutes * 60_000)
      // A connection that was idle for so long is closed.
      await fetch(`${house.origin}/health`).catch(() => {})
      return done()
    })
  return { ...house, tidied }
}

t.test('an ordinary user must not push entries of others out of the audit log', async t => {
  const { origin, admin, databasePath, tidied } = await startPassing(t, {
    AUDIT_ENTRIES: '100',
    API_REQUESTS_PER_MINUTE: '1000000',
  })
  const audit = async () => {
    const reply = await admin.request('/api/admin/audit?limit=500', { headers: { connection: 'close' } })
    return ((await reply.json()) as { entries: Entry[] }).entries
  }
  const user = await newUser(origin, admin, 'kim')
  await newUser(origin, admin, 'lee')
  await admin.request(`/api/admin/users/${user.user.id}/cameras`, {
    method: 'PUT',
    body: { mode: 'custom', cameras: ['Driveway'] },
  })
  const before = (await audit()).filter(({ actor }) => actor === 'admin')
  t.ok(before.length >= 4, JSON.stringify(before))

  for (let i = 0; i < 200; i++) {
    const reply = await user.request('/api/auth/player-tokens', {
      method: 'POST',
      body: { name: `wall ${i}`, cameras: ['Driveway'] },
    })
    const { player_token } = (await reply.json()) as { player_token: { id: string } }
    await user.request(`/api/auth/player-tokens/${player_token.id}`, { method: 'DELETE' })
  }
  t.equal((await audit()).filter(({ actor }) => actor === 'kim').length, 401)
  await tidied(() => rowsIn(databasePath, 'SELECT id FROM audit_log').length <= 100)
  const left = await audit()
  t.ok(left.length >= 97, `${left.length} are left`)
  t.same(
    left.filter(({ actor }) => actor === 'admin'),
    before,
    'every entry of the administrator is there',
  )
  const own = left.filter(({ actor }) => actor === 'kim')
  t.equal(own.length, left.length - before.length - 1, 'who floods it has the rest')
  t.equal(left.filter(({ actor }) => actor === 'lee').length, 1, 'beside who did next to nothing')
  t.ok(
    own.some(({ action }) => action === 'login'),
    'and what they did once is not displaced by what they did often',
  )
})

t.test(
  'a player token must not carry more names of cameras than a list of tokens can be made of',
  async t => {
    const { admin } = await startBuiltHouse(t)
    const create = (length: number) =>
      admin.request('/api/auth/player-tokens', {
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
  const { origin, admin } = await startBuiltHouse(t)
  const user = await newUser(origin, admin, 'kim')
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
  const { databasePath, tidied } = await startPassing(t, { AUDIT_ENTRIES: '400' })
  const insert = (actor: string, action: string, times: number) => `
    INSERT INTO audit_log (at, action, actor_id, actor, ip_address)
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${times})
    SELECT datetime('now'), '${action}', ${actor}, 'x', '' FROM n;`
  changeFile(
    databasePath,
    `DELETE FROM audit_log;
    ${insert('11', 'user.updated', 20)}
    ${insert('NULL', 'login.blocked', 1)}
    ${insert('12', 'username.changed', 500)}
    ${insert('13', 'username.changed', 500)}
    ${insert('NULL', 'login.failed', 500)}`,
  )
  const rows = () =>
    rowsIn<{ actor_id: number | null; action: string }>(
      databasePath,
      'SELECT actor_id, action FROM audit_log ORDER BY id',
    )
  t.equal(rows().length, 1521)
  await tidied(() => rows().length <= 400)
  const left = Map.groupBy(rows(), ({ actor_id }) => actor_id)
  t.equal(left.get(11)?.length, 20)
  t.equal(left.get(12)?.length, left.get(13)?.length)
  t.equal(left.get(12)!.length, 170)
  t.equal(left.get(null)?.length, 40)
  t.equal(left.get(null)?.[0]?.action, 'login.blocked')
})

t.test('logging in again and again must not push out the attempts of others', async t => {
  const { databasePath, tidied } = await startPassing(t)
  changeFile(
    databasePath,
    `DELETE FROM login_attempts;
    INSERT INTO login_attempts (ip_address, username, success) VALUES ('203.0.113.9', 'kim', 0);
    INSERT INTO login_attempts (ip_address, username, success)
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 21000)
    SELECT '10.0.0.' || (i % 200), 'kim', 1 FROM n`,
  )
  const rows = () =>
    rowsIn<{ success: number }>(databasePath, 'SELECT success FROM login_attempts ORDER BY id')
  t.equal(rows().length, 21_001)
  await tidied(() => rows().length <= 20_000)
  t.equal(rows().length, 20_000)
  t.equal(rows()[0]?.success, 0, 'the oldest of all is there')
})

t.test(
  'the path handles of one user, however many sessions they have, must not end those of others',
  async t => {
    const { origin, admin, databasePath, go2rtc, stop } = await startBuiltLive(t)
    const open = (token: string) =>
      openStream(`${origin}/api/camera/Garage/stream.m3u8?token=${token}`).then(({ media }) => media)
    const others = await open((await newUser(origin, admin, 'lee')).token)
    const kim = await newUser(origin, admin, 'kim')
    for (let i = 0; i < 20; i++) await signIn(origin, { username: 'kim', password: PASSWORD })
    changeFile(
      databasePath,
      `INSERT INTO path_handles (handle_hash, session_id, kind, subject)
      WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500)
      SELECT id || i, id, 'clip', i FROM n, sessions WHERE rowid IN (
        SELECT sessions.rowid FROM sessions JOIN users ON users.id = user_id
        WHERE username = 'kim' ORDER BY sessions.rowid DESC LIMIT 20)`,
    )
    const rows = () => rowsIn<{ id: number }>(databasePath, 'SELECT id FROM path_handles ORDER BY id')
    const [first, second, ...before] = rows()
    t.equal(before.length, 9999, 'as many as there may be, with that of another, and one')
    const own = await open(kim.token)
    t.equal(rows().length, 10_000)
    t.same(rows()[0], first, 'the oldest of all is that of the other')
    t.notOk(
      rows().some(({ id }) => id === second!.id),
      'the oldest of who has most have gone',
    )
    await stop()
    const again = await startBuiltHouse(t, { DATABASE_PATH: databasePath, GO2RTC_HOST: go2rtc.origin })
    for (const media of [others, own]) t.equal((await fetch(media.replace(origin, again.origin))).status, 200)
  },
)

t.test('a table must not be written that the docs give no bound for', async t => {
  const { databasePath } = await startBuiltHouse(t)
  const tables = rowsIn<{ name: string }>(
    databasePath,
    `SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%' AND name NOT LIKE 'kysely%'`,
  )
  const docs = await readFile(new URL('../../docs/security.md', import.meta.url), 'utf8')
  const described = [...docs.matchAll(/^\| `(\w+)`(?:, `(\w+)`)? \|/gm)].flatMap(([, ...names]) =>
    names.filter(name => name !== undefined),
  )
  t.same(described.sort(), tables.map(({ name }) => name).sort())
})
