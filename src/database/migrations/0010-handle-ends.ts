import type { Kysely } from 'kysely'

/** Handles that were issued for a media token end with it; those that are there already go with their session. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('path_handles').addColumn('issued_at', 'integer').execute()
  await db.schema.alterTable('path_handles').addColumn('expires_at', 'integer').execute()
  await db.schema.createIndex('path_handles_by_expiry').on('path_handles').column('expires_at').execute()
}
