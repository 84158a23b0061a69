import { execFile, execFileSync } from 'node:child_process'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import Sqlite from 'better-sqlite3'
import t from 'tap'
import { openDatabase } from '../../src/database/file/open.ts'
import { startApp } from '../support/app.ts'
import { fillOldFile, oldFile } from '../support/old-backend.ts'
import { signIn } from '../support/sign-in.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { sqlite3 } from '../support/tools.ts'

const FOREIGN_TABLES = [
  'households',
  'user_households',
  'devices',
  'notification_preferences',
  'system_settings',
  'user_sessions',
  'event_logs',
]

const execute = promisify(execFile)

const shell = (path: string, query: string) => execFileSync(sqlite3(), [path, query], { encoding: 'utf8' })

for (const shape of ['older', 'newer'] as const) {
  t.test(`${shape} shape: every account logs in with its password`, async t => {
    const { origin } = await startApp(t, {
      DATABASE_PATH: await oldFile(t, shape),
      ADMIN_PASSWORD: 'Not-Used-1',
    })
    const admin = await signIn(origin, { username: 'admin', password: 'Old-Password-1' })
    await signIn(origin, { username: 'Bjørn', password: 'Korrekt-Pferd-2' })
    await signIn(origin, { username: 'gone', password: 'Old-Password-4' })
    const long = 'é'.repeat(40)
    await signIn(origin, { username: 'long', password: `${long}-Aa1` })
    await signIn(origin, { username: 'long', password: `${long} and whatever follows the 72nd byte` })
    t.match(await (await admin.request('/api/auth/me')).json(), {
      user: {
        id: 1,
        email: 'admin@example.org',
        full_name: 'The Owner',
        is_admin: true,
        is_active: true,
        created_at: '2023-01-02 03:04:05',
      },
    })
    t.match(await (await admin.request('/api/admin/users')).json(), {
      users: [
        { username: 'admin' },
        { username: 'Bjørn' },
        { username: 'gone', is_active: false },
        { username: 'long' },
      ],
    })
  })

  t.test(`${shape} shape: empty emails and names become NULL, and two may be alike`, async t => {
    const path = await oldFile(t, shape)
    const { app, origin } = await startApp(t, { DATABASE_PATH: path })
    const rows = await app.database.read(db =>
      db.selectFrom('users').select(['email', 'full_name']).where('username', '=', 'Bjørn').execute(),
    )
    t.same(rows, [{ email: null, full_name: null }])
    const admin = await signIn(origin, { username: 'admin', password: 'Old-Password-1' })
    for (const id of [2, 5]) {
      const body = { email: 'same@example.org' }
      t.equal((await admin.request(`/api/admin/users/${id}`, { method: 'PATCH', body })).status, 200)
    }
  })

  t.test(`${shape} shape: a copy lies beside the file, as it was`, async t => {
    const path = await oldFile(t, shape)
    const before = shell(path, '.dump')
    const { app } = await startApp(t, { DATABASE_PATH: path })
    await app.close()
    const copies = (await readdir(dirname(path))).filter(name => name.startsWith('anchorpoint.db.before-'))
    t.equal(copies.length, 1)
    t.equal(shell(join(dirname(path), copies[0]!), '.dump'), before)

    const again = await startApp(t, { DATABASE_PATH: path })
    await again.app.close()
    t.equal(
      (await readdir(dirname(path))).filter(name => name.includes('before-')).length,
      1,
      'one copy is enough',
    )
  })

  t.test(`${shape} shape: blocks of the old backend still hold`, async t => {
    const { origin } = await startApp(t, {
      DATABASE_PATH: await oldFile(t, shape),
      TRUSTED_PROXIES: '127.0.0.1',
    })
    const reply = await fetch(`${origin}/api/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-forwarded-for': '198.51.100.9' },
      body: JSON.stringify({ username: 'admin', password: 'Old-Password-1' }),
    })
    t.equal(reply.status, 429)
  })
}

t.test('tables and rows that are not ours stay, those that refer to users too', async t => {
  const path = await oldFile(t, 'older')
  const dump = () => FOREIGN_TABLES.map(table => shell(path, `.dump ${table}`)).join('')
  const before = dump()
  const { app } = await startApp(t, { DATABASE_PATH: path })
  await app.close()
  t.equal(dump(), before)
  t.equal(shell(path, 'select count(*) from devices').trim(), '3')
  t.equal(shell(path, 'select phone from users where id = 1').trim(), '+47 1', 'a column of somebody else')
  t.equal(shell(path, 'select seq from sqlite_sequence where name = "users"').trim(), '9')
  t.match(shell(path, '.schema users'), /idx_users_username/)
  t.match(shell(path, '.schema users'), /TRIGGER users_phone/)
  t.notMatch(shell(path, '.schema users'), /idx_users_email/)
})

t.test('deleting a user still cascades as the old tables say', async t => {
  const path = await oldFile(t, 'older')
  const { origin } = await startApp(t, { DATABASE_PATH: path })
  const admin = await signIn(origin, { username: 'admin', password: 'Old-Password-1' })
  t.equal((await admin.request('/api/admin/users/2', { method: 'DELETE' })).status, 200)
  t.equal(shell(path, 'select count(*) from devices').trim(), '2')
  t.equal(shell(path, 'select count(*) from event_logs where user_id is null').trim(), '1')
})

t.test('two processes that start at once on an old file both come up', async t => {
  const path = await oldFile(t, 'older')
  const opener = fileURLToPath(new URL('../support/open-database.ts', import.meta.url))
  const open = () => execute(process.execPath, [opener, path], { env: { ...process.env, NODE_OPTIONS: '' } })
  for (let round = 0; round < 3; round++) {
    const both = await Promise.all([open(), open()])
    t.same(
      both.map(({ stdout }) => stdout),
      ['admin, Bjørn, long, gone', 'admin, Bjørn, long, gone'],
    )
    execFileSync('rm', ['-f', path, `${path}-wal`, `${path}-shm`])
    await fillOldFile(path, 'older')
  }
})

t.test('a start that fails after the migration takes the copy from before it away', async t => {
  const path = await oldFile(t, 'older')
  const reader = new Sqlite(path)
  t.teardown(() => reader.close())
  const copies: string[] = []
  const opening = openDatabase({
    path,
    connections: 4,
    waitMs: 10_000,
    onBackup: copy => {
      copies.push(copy)
      reader.exec('begin; select count(*) from users')
    },
  })
  await t.rejects(opening, { code: 'DATABASE_BUSY' })
  t.equal(shell(copies[0]!, 'select count(*) from users').trim(), '4')
})

t.test('a file of a newer version stops the start and is left as it is', async t => {
  const path = await oldFile(t, 'newer')
  const { app } = await startApp(t, { DATABASE_PATH: path })
  await app.close()
  shell(path, `insert into kysely_migration values ('0999-the-future', '2030-01-01T00:00:00.000Z')`)
  const before = await readFile(path)
  await t.rejects(startApp(t, { DATABASE_PATH: path }), {
    code: 'DATABASE_NEWER',
    message: /0999-the-future/,
  })
  t.ok(before.equals(await readFile(path)))
})

t.test('a file that is no database, or a damaged one, stops the start and is left as it is', async t => {
  const folder = await temporaryFolder(t)
  const text = join(folder, 'notes.txt')
  await writeFile(text, 'this is no database, but long enough to be looked at as one. '.repeat(20))
  const damaged = await oldFile(t, 'older')
  const bytes = await readFile(damaged)
  bytes.fill(0xa5, 4096, 8192)
  await writeFile(damaged, bytes)
  for (const path of [text, damaged]) {
    const before = await readFile(path)
    await t.rejects(startApp(t, { DATABASE_PATH: path }), {
      code: 'DATABASE_CORRUPT',
      message: new RegExp(path),
    })
    t.ok(before.equals(await readFile(path)))
  }
})
