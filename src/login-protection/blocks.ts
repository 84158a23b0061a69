import type { WriteHandle } from '../database/database.ts'
import { fromTimestamp, toTimestamp } from '../database/file/timestamp.ts'
import type { ReadHandle } from '../database/sqlite/lease.ts'

/** `blocked_until` as it is written: whole seconds, rounded up. */
export function endOfBlock(now: number, blockMs: number): string {
  return toTimestamp(now + blockMs + 999)
}

/** When the last of these blocks ends, in milliseconds since the epoch; undefined if none holds now. */
export async function blockedUntil(
  db: ReadHandle,
  subjects: readonly string[],
  now: number,
): Promise<number | undefined> {
  const block = await db
    .selectFrom('blocked_ips')
    .select('blocked_until')
    .where('ip_address', 'in', subjects)
    .where('blocked_until', '>', toTimestamp(now))
    .orderBy('blocked_until', 'desc')
    .executeTakeFirst()
  return block && fromTimestamp(block.blocked_until)
}

/**
 * Bounds blocks by their configured length from now: whatever lasts longer was written under a clock ahead of today's, or
 * under other settings.
 */
export async function shortenBlocks(db: WriteHandle, blockMs: number, now: number): Promise<void> {
  const longest = endOfBlock(now, blockMs)
  await db
    .updateTable('blocked_ips')
    .set({ blocked_at: toTimestamp(now), blocked_until: longest })
    .where('blocked_until', '>', longest)
    .execute()
}
