import type { Kysely } from 'kysely'

/** Only the hash of a token is kept: a copy of the file opens no camera. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('player_tokens')
    .addColumn('id', 'text', column => column.primaryKey())
    .addColumn('user_id', 'integer', column => column.notNull().references('users.id').onDelete('cascade'))
    .addColumn('name', 'text', column => column.notNull())
    .addColumn('token_hash', 'text', column => column.notNull().unique())
    .addColumn('cameras', 'text', column => column.notNull())
    .addColumn('created_at', 'text', column => column.notNull())
    .addColumn('last_used', 'text')
    .execute()
  await db.schema.createIndex('player_tokens_by_user').on('player_tokens').column('user_id').execute()
}
