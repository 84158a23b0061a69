import type { Kysely } from 'kysely'

/** The memory of the process by the hour; `at` in milliseconds since the epoch, the rest as JSON. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('memory_hours')
    .addColumn('at', 'integer', column => column.primaryKey())
    .addColumn('spread', 'text', column => column.notNull())
    .addColumn('marks', 'text', column => column.notNull())
    .execute()
}
