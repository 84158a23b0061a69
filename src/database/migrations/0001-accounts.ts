import { type Kysely, sql } from 'kysely'

/** The tables of the old backend, in the shape that its newest files have. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('users')
    .ifNotExists()
    .addColumn('id', 'integer', column => column.primaryKey().autoIncrement())
    .addColumn('username', 'text', column => column.notNull().unique())
    .addColumn('password_hash', 'text', column => column.notNull())
    .addColumn('email', 'text')
    .addColumn('full_name', 'text')
    .addColumn('is_admin', 'integer', column => column.notNull().defaultTo(0))
    .addColumn('is_active', 'integer', column => column.notNull().defaultTo(1))
    .addColumn('created_at', 'text', column => column.notNull().defaultTo(sql`CURRENT_TIMESTAMP`))
    .addColumn('last_login', 'text')
    .execute()
}
