import type { Kysely, SqliteDatabase } from 'kysely'
import { HandleReturned } from '../errors.ts'
import type { Schema } from '../schema.ts'
import { kyselyOn } from './dialect.ts'
import type { Borrowed, Pool } from './pool.ts'

/** What can be read with; a transaction's handle will do too. */
export type ReadHandle = Pick<Kysely<Schema>, 'selectFrom' | 'selectNoFrom' | 'fn'>

/**
 * One borrower's claim on one pooled connection. The connection is taken at the first query and stays the same
 * until `release`, which may come at any time and more than once; a query after that fails with
 * `DATABASE_HANDLE_RETURNED` and takes nothing.
 */
export class Lease {
  readonly db: ReadHandle
  readonly #pool: Pool
  #borrowed: Promise<Borrowed> | undefined
  #released = false

  constructor(pool: Pool) {
    this.#pool = pool
    this.db = kyselyOn(() => this.#take())
  }

  release(): void {
    if (this.#released) return
    this.#released = true
    this.#borrowed?.then(
      borrowed => borrowed.release(),
      () => undefined,
    )
  }

  async #take(): Promise<SqliteDatabase> {
    this.#assertHeld()
    this.#borrowed = this.#pool.acquire()
    const { connection } = await this.#borrowed
    return {
      prepare: sql => {
        this.#assertHeld()
        return connection.prepare(sql)
      },
      close: () => this.release(),
    }
  }

  #assertHeld(): void {
    if (this.#released) throw new HandleReturned()
  }
}
