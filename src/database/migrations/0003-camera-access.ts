import type { Kysely } from 'kysely'

/** Who is not in `camera_access` sees every camera. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('camera_access')
    .addColumn('user_id', 'integer', column => column.primaryKey().references('users.id').onDelete('cascade'))
    .addColumn('mode', 'text', column => column.notNull())
    .execute()
  await db.schema
    .createTable('user_cameras')
    .addColumn('user_id', 'integer', column => column.notNull().references('users.id').onDelete('cascade'))
    .addColumn('camera', 'text', column => column.notNull())
    .addPrimaryKeyConstraint('user_cameras_pk', ['user_id', 'camera'])
    .execute()
}
