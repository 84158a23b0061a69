import { type Kysely, type RawBuilder, sql } from 'kysely'

interface ColumnInfo {
  name: string
  type: string
}

/** The columns of `users`, and how the value of an old row becomes the new one's. */
const columns: Readonly<Record<string, RawBuilder<unknown>>> = {
  id: sql`id`,
  username: sql`username`,
  password_hash: sql`password_hash`,
  email: sql`nullif(trim(email), '')`,
  full_name: sql`nullif(trim(full_name), '')`,
  is_admin: sql`coalesce(is_admin, 0) <> 0`,
  is_active: sql`coalesce(is_active, 1) <> 0`,
  created_at: sql`coalesce(created_at, CURRENT_TIMESTAMP)`,
  last_login: sql`last_login`,
}

/**
 * Makes `users`, or rebuilds one of the old backend, whose older files have `email` and `full_name` `NOT NULL` and
 * `email` `UNIQUE`: SQLite can drop such constraints in no other way. Columns that are not ours stay with their
 * values, and so do indexes and triggers that somebody else made.
 */
export async function adoptUsers(db: Kysely<unknown>): Promise<void> {
  const old = await sql<ColumnInfo>`select name, type from pragma_table_info('users')`.execute(db)
  if (old.rows.length === 0) return createUsers(db, 'users', [])

  const has = new Set(old.rows.map(({ name }) => name))
  const foreign = old.rows.filter(({ name }) => !(name in columns))
  const kept = Object.keys(columns).filter(name => has.has(name))
  const others = await sql<{ sql: string }>`
    select sql from sqlite_schema
    where tbl_name = 'users' and type in ('index', 'trigger') and sql is not null`.execute(db)
  const unique = others.rows.filter(row => !/^create\s+unique\s+index\b.*\bemail\b/is.test(row.sql))

  await createUsers(db, 'users_rebuilt', foreign)
  const names = [...kept, ...foreign.map(({ name }) => name)].map(name => sql.id(name))
  const values = [...kept.map(name => columns[name]!), ...foreign.map(({ name }) => sql.id(name))]
  await sql`insert into users_rebuilt (${sql.join(names)}) select ${sql.join(values)} from users`.execute(db)
  // Ids of users that were deleted are not given out again: rows of other tables may still speak of them.
  await sql`
    update sqlite_sequence set seq = (select max(seq) from sqlite_sequence where name in ('users', 'users_rebuilt'))
    where name = 'users_rebuilt'`.execute(db)
  // Renamed with the old rules, or references of other tables to `users` would follow the new table's first name.
  await sql`pragma legacy_alter_table = on`.execute(db)
  await sql`drop table users`.execute(db)
  await sql`alter table users_rebuilt rename to users`.execute(db)
  await sql`pragma legacy_alter_table = off`.execute(db)
  for (const row of unique) await sql.raw(row.sql).execute(db)
}

async function createUsers(
  db: Kysely<unknown>,
  table: string,
  foreign: readonly ColumnInfo[],
): Promise<void> {
  let create = db.schema
    .createTable(table)
    .addColumn('id', 'integer', column => column.primaryKey().autoIncrement())
    .addColumn('username', 'text', column => column.notNull().unique())
    .addColumn('password_hash', 'text', column => column.notNull())
    .addColumn('email', 'text')
    .addColumn('full_name', 'text')
    .addColumn('is_admin', 'integer', column => column.notNull().defaultTo(0))
    .addColumn('is_active', 'integer', column => column.notNull().defaultTo(1))
    .addColumn('created_at', 'text', column => column.notNull().defaultTo(sql`CURRENT_TIMESTAMP`))
    .addColumn('last_login', 'text')
  for (const { name, type } of foreign) create = create.addColumn(name, sql.raw(type || 'blob'))
  await create.execute()
}
