import type { Kysely } from 'kysely'

/** Names are copied, not referenced: the log outlives the accounts it speaks of. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('audit_log')
    .addColumn('id', 'integer', column => column.primaryKey().autoIncrement())
    .addColumn('at', 'text', column => column.notNull())
    .addColumn('action', 'text', column => column.notNull())
    .addColumn('actor_id', 'integer')
    .addColumn('actor', 'text', column => column.notNull())
    .addColumn('target', 'text')
    .addColumn('ip_address', 'text', column => column.notNull())
    .addColumn('detail', 'text')
    .execute()
  await db.schema.createIndex('audit_log_by_time').on('audit_log').column('at').execute()
}
