import type { Kysely } from 'kysely'

/** What counts towards a block; `login_attempts` stays what administrators read. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('login_failures')
    .addColumn('id', 'integer', column => column.primaryKey().autoIncrement())
    .addColumn('subject', 'text', column => column.notNull())
    .addColumn('failed_at', 'integer', column => column.notNull())
    .execute()
  await db.schema
    .createIndex('login_failures_by_subject')
    .on('login_failures')
    .columns(['subject', 'failed_at'])
    .execute()
}
