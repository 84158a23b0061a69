import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import t, { type Test } from 'tap'
import { openDatabase } from '../../src/database/file/open.ts'
import { startError } from '../../src/database/file/start-error.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

async function open(t: Test, { connections = 4, waitMs = 5000 } = {}) {
  const path = join(await temporaryFolder(t), 'test.db')
  const database = await openDatabase({ path, connections, waitMs })
  t.teardown(() => database.close())
  return database
}

const user = (username: string) => ({ username, password_hash: 'x', is_admin: 0, is_active: 1 }) as const

t.test('a lease takes a connection at its first query and gives it back once', async t => {
  const database = await open(t)
  const lease = database.lease()
  t.equal(database.counters.in_use, 0)
  await lease.db.selectFrom('users').selectAll().execute()
  t.equal(database.counters.in_use, 1)
  await lease.db.selectFrom('users').selectAll().execute()
  t.equal(database.counters.in_use, 1)
  lease.release()
  lease.release()
  await Promise.resolve()
  t.equal(database.counters.in_use, 0)
  await t.rejects(lease.db.selectFrom('users').selectAll().execute(), { code: 'DATABASE_HANDLE_RETURNED' })
  t.equal(database.counters.in_use, 0)
})

t.test('a lease that is released while it waits for a connection takes none', async t => {
  const database = await open(t, { connections: 2 })
  const first = database.lease()
  await first.db.selectFrom('users').selectAll().execute()
  const second = database.lease()
  const waiting = second.db.selectFrom('users').selectAll().execute()
  second.release()
  first.release()
  await t.rejects(waiting, { code: 'DATABASE_HANDLE_RETURNED' })
  t.equal(database.counters.in_use, 0)
})

t.test('who finds no connection in time is told to come again', async t => {
  const database = await open(t, { connections: 2, waitMs: 30 })
  const holder = database.lease()
  await holder.db.selectFrom('users').selectAll().execute()
  await t.rejects(
    database.read(db => db.selectFrom('users').selectAll().execute()),
    { code: 'DATABASE_BUSY', statusCode: 503, retryAfter: 1 },
  )
  t.match(database.counters, { waited: 1, timed_out: 1, in_use: 1 })
  holder.release()
  await database.read(db => db.selectFrom('users').selectAll().execute())
  t.equal(database.counters.in_use, 0)
})

t.test('connections are bounded however many read at once', async t => {
  const database = await open(t, { connections: 4 })
  await Promise.all(
    Array.from({ length: 50 }, () =>
      database.read(async db => {
        await db.selectFrom('users').selectAll().execute()
        if (database.counters.open > 4) t.fail(`${database.counters.open} open`)
        await new Promise(resolve => setImmediate(resolve))
      }),
    ),
  )
  t.match(database.counters, { open: 4, in_use: 0 })
})

t.test('a reading handle cannot write', async t => {
  const database = await open(t)
  await t.rejects(
    database.read(db =>
      (db as unknown as import('../../src/database/database.ts').WriteHandle)
        .insertInto('users')
        .values(user('kim'))
        .execute(),
    ),
    { code: 'SQLITE_READONLY' },
  )
})

t.test('a transaction that fails leaves nothing, and the next one goes on', async t => {
  const database = await open(t)
  await t.rejects(
    database.write(async db => {
      await db.insertInto('users').values(user('kim')).execute()
      throw new Error('no')
    }),
    { message: 'no' },
  )
  await database.write(db => db.insertInto('users').values(user('lee')).execute())
  const rows = await database.read(db => db.selectFrom('users').select('username').execute())
  t.same(rows, [{ username: 'lee' }])
  t.equal(database.counters.in_use, 0)
})

t.test('transactions do not interleave', async t => {
  const database = await open(t)
  await database.write(db => db.insertInto('users').values(user('0')).execute())
  const increment = () =>
    database.write(async db => {
      const { username } = await db.selectFrom('users').select('username').executeTakeFirstOrThrow()
      await db
        .updateTable('users')
        .set({ username: String(Number(username) + 1) })
        .execute()
    })
  await Promise.all(Array.from({ length: 100 }, increment))
  const row = await database.read(db => db.selectFrom('users').select('username').executeTakeFirst())
  t.same(row, { username: '100' })
})

t.test('another process that holds the file makes a write wait without freezing the event loop', async t => {
  const database = await open(t)
  const other = new Sqlite(database.path)
  t.teardown(() => other.close())
  other.exec('BEGIN IMMEDIATE')
  let turns = 0
  const counting = setInterval(() => turns++, 1)
  const writing = database.write(db => db.insertInto('users').values(user('kim')).execute())
  await new Promise(resolve => setTimeout(resolve, 150))
  other.exec('COMMIT')
  await writing
  clearInterval(counting)
  t.ok(turns > 3, `${turns} turns of the loop`)

  const impatient = await openDatabase({ path: database.path, connections: 2, waitMs: 50 })
  t.teardown(() => impatient.close())
  other.exec('BEGIN IMMEDIATE')
  await t.rejects(
    impatient.write(db => db.insertInto('users').values(user('lee')).execute()),
    { code: 'DATABASE_BUSY' },
  )
  other.exec('COMMIT')
})

t.test('idle upkeep empties the write-ahead log', async t => {
  const database = await open(t)
  const other = new Sqlite(database.path)
  t.teardown(() => other.close())
  for (let i = 0; i < 20; i++)
    await database.write(db =>
      db
        .insertInto('users')
        .values(user(`u${i}`))
        .execute(),
    )
  await database.tidy()
  t.match(other.pragma('wal_checkpoint(PASSIVE)'), [{ log: 0 }])
})

t.test('what stops a start is said in one line', async t => {
  const folder = await temporaryFolder(t)
  await t.rejects(openDatabase({ path: folder, connections: 2, waitMs: 50 }), {
    code: 'DATABASE_READ_ONLY',
    message: new RegExp(`^${folder} cannot be written: `),
  })

  const full = new Sqlite(join(folder, 'full.db'))
  full.pragma('max_page_count = 2')
  try {
    full.exec('create table a (b); create table c (d); create table e (f)')
    t.fail('the disk was not full')
  } catch (error) {
    t.match(startError(error, 'x.db'), {
      code: 'DATABASE_DISK_FULL',
      message: /^There is no room on the disk for x\.db/,
    })
  }
  full.close()
  const other = new Error('something else')
  t.equal(startError(other, 'x.db'), other)
})
