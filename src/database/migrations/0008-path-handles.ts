import type { Kysely } from 'kysely'

/** Only the hash of a handle is kept: a copy of the file opens no camera. It goes with the login that it stands on. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('path_handles')
    .addColumn('id', 'integer', column => column.primaryKey())
    .addColumn('handle_hash', 'text', column => column.notNull().unique())
    .addColumn('session_id', 'text', column => column.references('sessions.id').onDelete('cascade'))
    .addColumn('player_token_id', 'text', column => column.references('player_tokens.id').onDelete('cascade'))
    .addColumn('kind', 'text', column => column.notNull())
    .addColumn('subject', 'text', column => column.notNull())
    .addColumn('camera', 'text')
    .execute()
  await db.schema.createIndex('path_handles_by_session').on('path_handles').column('session_id').execute()
  await db.schema
    .createIndex('path_handles_by_player_token')
    .on('path_handles')
    .column('player_token_id')
    .execute()
}
