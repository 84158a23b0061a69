import { type Kysely, sql } from 'kysely'
import { adoptUsers } from './adopt-users.ts'

/** The tables of the old backend, in the shape that its newest files have; older files are brought to it. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await adoptUsers(db)
  await db.schema
    .createTable('login_attempts')
    .ifNotExists()
    .addColumn('id', 'integer', column => column.primaryKey().autoIncrement())
    .addColumn('ip_address', 'text', column => column.notNull())
    .addColumn('username', 'text')
    .addColumn('success', 'integer', column => column.notNull().defaultTo(0))
    .addColumn('attempt_time', 'text', column => column.notNull().defaultTo(sql`CURRENT_TIMESTAMP`))
    .addColumn('user_agent', 'text')
    .execute()
  await db.schema
    .createIndex('login_attempts_by_time')
    .ifNotExists()
    .on('login_attempts')
    .column('attempt_time')
    .execute()
  await db.schema
    .createTable('blocked_ips')
    .ifNotExists()
    .addColumn('id', 'integer', column => column.primaryKey().autoIncrement())
    .addColumn('ip_address', 'text', column => column.notNull().unique())
    .addColumn('blocked_at', 'text', column => column.notNull().defaultTo(sql`CURRENT_TIMESTAMP`))
    .addColumn('blocked_until', 'text', column => column.notNull())
    .addColumn('failed_attempts', 'integer', column => column.notNull().defaultTo(0))
    .addColumn('reason', 'text')
    .execute()
  await db.schema
    .createTable('ip_geo_cache')
    .ifNotExists()
    .addColumn('ip_address', 'text', column => column.primaryKey())
    .addColumn('country', 'text')
    .addColumn('region', 'text')
    .addColumn('city', 'text')
    .addColumn('lat', 'real')
    .addColumn('lon', 'real')
    .addColumn('isp', 'text')
    .addColumn('updated_at', 'text', column => column.notNull().defaultTo(sql`CURRENT_TIMESTAMP`))
    .execute()
}
