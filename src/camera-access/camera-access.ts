import { sql } from 'kysely'
import type { CameraAccess } from '../access/identity.ts'
import type { WriteHandle } from '../database/database.ts'
import type { ReadHandle } from '../database/sqlite/lease.ts'

/** What a query on `users` selects besides, so that one read answers who somebody is and what they may see. */
export const accessColumns = [
  sql<string | null>`(select mode from camera_access where user_id = users.id)`.as('access_mode'),
  sql<string>`(select json_group_array(camera) from user_cameras where user_id = users.id)`.as(
    'access_cameras',
  ),
] as const

export function toAccess(row: { access_mode: string | null; access_cameras: string }): CameraAccess {
  if (row.access_mode !== 'custom') return { mode: 'all' }
  return { mode: 'custom', cameras: new Set(JSON.parse(row.access_cameras) as string[]) }
}

export async function readAccess(db: ReadHandle, userId: number): Promise<CameraAccess | undefined> {
  const row = await db.selectFrom('users').select(accessColumns).where('id', '=', userId).executeTakeFirst()
  return row && toAccess(row)
}

export async function writeAccess(db: WriteHandle, userId: number, access: CameraAccess): Promise<void> {
  await db.deleteFrom('user_cameras').where('user_id', '=', userId).execute()
  await db.replaceInto('camera_access').values({ user_id: userId, mode: access.mode }).execute()
  if (access.mode === 'all' || access.cameras.size === 0) return
  await db
    .insertInto('user_cameras')
    .values([...access.cameras].map(camera => ({ user_id: userId, camera })))
    .execute()
}
