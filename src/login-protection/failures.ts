import type { WriteHandle } from '../database/database.ts'
import type { ReadHandle } from '../database/sqlite/lease.ts'
import { CLOCK_SKEW_MS } from '../validity.ts'

/** Failed attempts that count now. */
export interface Failures {
  readonly count: number
  /** The last of them, in milliseconds since the epoch; 0 if there is none. */
  readonly last: number
}

/** Failures of the last `windowMs`; those of the future were written under another clock and do not count. */
export async function failuresOf(
  db: ReadHandle,
  subject: string,
  windowMs: number,
  now: number,
): Promise<Failures> {
  const { count, last } = await db
    .selectFrom('login_failures')
    .select(({ fn }) => [fn.countAll<number>().as('count'), fn.max('failed_at').as('last')])
    .where('subject', '=', subject)
    .where('failed_at', '>', now - windowMs)
    .where('failed_at', '<=', now + CLOCK_SKEW_MS)
    .executeTakeFirstOrThrow()
  return { count, last: last ?? 0 }
}

export async function addFailure(
  db: WriteHandle,
  subjects: readonly string[],
  windowMs: number,
  now: number,
): Promise<void> {
  await db
    .insertInto('login_failures')
    .values(subjects.map(subject => ({ subject, failed_at: now })))
    .execute()
  // More than was added, so that the table holds no more than a window's failures however fast they come.
  await forgetFailures(db, windowMs, now, 2 * subjects.length)
}

/** Forgets failures that count no more, at most `batch`. */
export async function forgetFailures(
  db: WriteHandle,
  windowMs: number,
  now: number,
  batch: number,
): Promise<void> {
  await db
    .deleteFrom('login_failures')
    .where('id', 'in', over =>
      over
        .selectFrom('login_failures')
        .select('id')
        .where(({ or, eb }) =>
          or([eb('failed_at', '<=', now - windowMs), eb('failed_at', '>', now + CLOCK_SKEW_MS)]),
        )
        .orderBy('id')
        .limit(batch),
    )
    .execute()
}
