import { type RawBuilder, sql } from 'kysely'
import { CLOCK_SKEW_MS } from '../../validity.ts'
import type { Database, WriteHandle } from '../database.ts'
import { toTimestamp } from './timestamp.ts'

/** Columns that say when something happened, and that what is old is told from what is new by. */
const TIMESTAMPS = [
  ['login_attempts', 'attempt_time'],
  ['sessions', 'last_seen'],
  ['player_tokens', 'last_used'],
  ['users', 'last_login'],
  ['ip_geo_cache', 'updated_at'],
] as const
const EPOCH_TIMES = [['hls_positions', 'kept_at']] as const

/**
 * Brings to now what is said to have happened in the future: it was written under another clock, and would count as the
 * newest until that time comes. At most `batch` rows of each table.
 */
export async function pullBackFutureTimes(database: Database, batch: number): Promise<void> {
  const now = Date.now()
  const limit = now + CLOCK_SKEW_MS
  await database.write(async db => {
    for (const [table, column] of TIMESTAMPS)
      await pullBack(db, sql.table(table), sql.ref(column), toTimestamp(now), toTimestamp(limit), batch)
    for (const [table, column] of EPOCH_TIMES)
      await pullBack(db, sql.table(table), sql.ref(column), now, limit, batch)
  })
}

async function pullBack(
  db: WriteHandle,
  table: RawBuilder<unknown>,
  column: RawBuilder<unknown>,
  now: string | number,
  limit: string | number,
  batch: number,
): Promise<void> {
  const future = sql`select rowid from ${table} where ${column} > ${limit} limit ${batch}`
  await sql`update ${table} set ${column} = ${now} where rowid in (${future})`.execute(db)
}
