import { sql } from 'kysely'
import type { Database, WriteHandle } from '../database/database.ts'
import { toTimestamp } from '../database/file/timestamp.ts'
import type { ReadHandle } from '../database/sqlite/lease.ts'
import { networkOf } from '../network/address.ts'
import { equalPart } from '../shares/equal-part.ts'
import { subjectOf } from './attempt.ts'

const SHOWN = 100
const KEPT_MS = 24 * 3_600_000
const KEPT = 20_000

/** Says where an address is, without asking anybody who could keep us waiting. */
export interface Locator {
  locate(db: ReadHandle, addresses: readonly string[]): Promise<ReadonlyMap<string, string>>
}

/** The login attempts of the last 24 h, newest first, at most 100. */
export async function readAttempts(db: ReadHandle, locator: Locator) {
  const rows = await db
    .selectFrom('login_attempts')
    .select(['ip_address', 'username', 'success', 'attempt_time', 'user_agent'])
    .where('attempt_time', '>', toTimestamp(Date.now() - KEPT_MS))
    .orderBy('attempt_time', 'desc')
    .orderBy('id', 'desc')
    .limit(SHOWN)
    .execute()
  const blocks = await db
    .selectFrom('blocked_ips')
    .select('ip_address')
    .where('blocked_until', '>', toTimestamp(Date.now()))
    .execute()
  const blocked = new Set(blocks.map(row => row.ip_address))
  const locations = await locator.locate(db, [...new Set(rows.map(row => row.ip_address))])
  return rows.map(row => ({
    ...row,
    success: row.success === 1,
    blocked:
      blocked.has(row.ip_address) ||
      blocked.has(networkOf(row.ip_address)) ||
      blocked.has(subjectOf({ address: row.ip_address, sharedAddress: true }, row.username ?? '')),
    location: locations.get(row.ip_address) ?? 'Unknown',
  }))
}

/**
 * Forgets attempts older than 24 h, and of those beyond 20,000 the oldest of the account that logged in, or of the address that
 * failed, most often. At most `batch` of each kind a call.
 */
export async function pruneAttempts(database: Database, batch: number): Promise<void> {
  await database.write(async db => {
    await db
      .deleteFrom('login_attempts')
      .where('id', 'in', inner =>
        inner
          .selectFrom('login_attempts')
          .select('id')
          .where('attempt_time', '<=', toTimestamp(Date.now() - KEPT_MS))
          .orderBy('id')
          .limit(batch),
      )
      .execute()
    const { count } = await db
      .selectFrom('login_attempts')
      .select(db.fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow()
    if (count > KEPT) await dropExcess(db, batch)
  })
}

/** Whom an attempt counts for. */
const SUBJECT = sql<string>`iif(success, 'account ' || username, ip_address)`

async function dropExcess(db: WriteHandle, batch: number): Promise<void> {
  const held = await db
    .selectFrom('login_attempts')
    .select([SUBJECT.as('subject'), db.fn.countAll<number>().as('count')])
    .groupBy('subject')
    .orderBy('count', 'desc')
    .execute()
  const each = equalPart(
    held.map(({ count }) => count),
    KEPT,
  )
  let room = batch
  for (const { subject, count } of held) {
    const removed = Math.min(count - each, room)
    if (removed <= 0) return
    room -= removed
    await db
      .deleteFrom('login_attempts')
      .where('id', 'in', inner =>
        inner
          .selectFrom('login_attempts')
          .select('id')
          .where(SUBJECT, '=', subject)
          .orderBy('id')
          .limit(removed),
      )
      .execute()
  }
}
