import type { Kysely } from 'kysely'

/** Where the playlists of each go2rtc stream have got to; `kept_at` in milliseconds since the epoch. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('hls_positions')
    .addColumn('stream', 'text', column => column.primaryKey())
    .addColumn('number', 'integer', column => column.notNull())
    .addColumn('seconds', 'real', column => column.notNull())
    .addColumn('discontinuity', 'integer', column => column.notNull())
    .addColumn('kept_at', 'integer', column => column.notNull())
    .execute()
}
