import type { Database } from '../database/database.ts'
import { DAYS, HOUR_MS, type Hour } from './history.ts'
import { readSpread, writeSpread } from './stored-spread.ts'

const KEPT_MS = DAYS * 24 * HOUR_MS
const KEPT_ROWS = DAYS * 24

/** Hours in SQLite: at most thirty days of them, and at most 720 rows however often the process restarts. */
export class HourStore {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  /** Oldest first. Rows of earlier versions are read too; what is in no form of theirs is left out. */
  async read(): Promise<Hour[]> {
    const rows = await this.#database.read(db =>
      db.selectFrom('memory_hours').selectAll().orderBy('at', 'desc').limit(KEPT_ROWS).execute(),
    )
    return rows.reverse().flatMap(({ at, spread, marks }) => {
      const numbers = readSpread(spread)
      return numbers ? [{ at, spread: numbers, marks: JSON.parse(marks) as Hour['marks'] }] : []
    })
  }

  /** An hour that is written again replaces what was there. Hours after it were written under another clock and go. */
  async write({ at, spread, marks }: Hour): Promise<void> {
    const row = { at, spread: writeSpread(spread), marks: JSON.stringify(marks) }
    await this.#database.write(async db => {
      await db
        .insertInto('memory_hours')
        .values(row)
        .onConflict(conflict => conflict.column('at').doUpdateSet(row))
        .execute()
      await db
        .deleteFrom('memory_hours')
        .where(where =>
          where.or([
            where('at', '<=', at - KEPT_MS),
            where('at', '>', at + HOUR_MS),
            where(
              'at',
              'not in',
              where.selectFrom('memory_hours').select('at').orderBy('at', 'desc').limit(KEPT_ROWS),
            ),
          ]),
        )
        .execute()
    })
  }
}
