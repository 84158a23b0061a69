import { setTimeout as sleep } from 'node:timers/promises'
import type { Kysely } from 'kysely'
import { Semaphore } from '../shares/semaphore.ts'
import { DatabaseBusy, DatabaseClosed, NoRoom } from './errors.ts'
import type { Schema } from './schema.ts'
import { SqliteConnection } from './sqlite/connection.ts'
import { kyselyOn } from './sqlite/dialect.ts'
import { Lease, type ReadHandle } from './sqlite/lease.ts'
import { Pool } from './sqlite/pool.ts'

export type WriteHandle = Kysely<Schema>

export interface DatabaseOptions {
  readonly path: string
  /** Connections in all: one writes, the others only read. */
  readonly connections: number
  /** The longest wait for a connection or for the write lock, in milliseconds. */
  readonly waitMs: number
}

const BUSY_TIMEOUT_MS = 20
const MAX_WAITING = 256
const IDLE_MS = 60_000
/** Statements are short: all wait in one queue, whoever they are for. */
const ANYBODY = 0

/**
 * The one SQLite file. Reading happens on a bounded pool of `query_only` connections, all writing on a single
 * connection behind an in-process lock, so that no two connections ever block the event loop on each other.
 */
export class Database {
  readonly path: string
  readonly #writer: SqliteConnection
  readonly #write: WriteHandle
  readonly #lock: Semaphore
  readonly #reading: Semaphore
  readonly #closing = new AbortController()
  readonly #pool: Pool
  readonly #waitMs: number

  /** Takes over `writer`, which has the schema already. */
  constructor(writer: SqliteConnection, { path, connections, waitMs }: DatabaseOptions) {
    this.path = path
    this.#waitMs = waitMs
    this.#writer = writer
    this.#writer.sqlite.pragma(`busy_timeout = ${BUSY_TIMEOUT_MS}`)
    this.#write = kyselyOn(writer)
    const queue = { places: MAX_WAITING, waitMs, refusal: () => new DatabaseBusy() }
    this.#lock = new Semaphore({ places: 1, queue })
    this.#reading = new Semaphore({ places: connections - 1, queue })
    this.#pool = new Pool({
      enter: () => this.#enter(this.#reading),
      idleMs: IDLE_MS,
      open: () => new SqliteConnection(path, { readOnly: true, busyTimeoutMs: BUSY_TIMEOUT_MS }),
    })
  }

  get counters() {
    const inUse = this.#reading.inside
    return {
      open: inUse + this.#pool.idle + 1,
      in_use: inUse + this.#lock.inside,
      waited: this.#reading.waited + this.#lock.waited,
      timed_out: this.#reading.refused + this.#lock.refused,
    }
  }

  /** A claim on one reading connection, taken at the first query; whoever asked for it must release it. */
  lease(): Lease {
    return new Lease(this.#pool)
  }

  /** Reads on a connection that is given back when `work` settles. */
  async read<T>(work: (db: ReadHandle) => Promise<T>): Promise<T> {
    const lease = this.lease()
    try {
      return await work(lease.db)
    } finally {
      lease.release()
    }
  }

  /** SQLite's version, read from the file's own connection; rejects where reading does not work. */
  async askVersion(): Promise<string> {
    const query = (db: ReadHandle) =>
      db
        .selectFrom('users')
        .select(({ fn }) => [fn<string>('sqlite_version').as('version'), fn.countAll().as('users')])
        .executeTakeFirstOrThrow()
    return (await this.read(query)).version
  }

  /**
   * Runs `work` as one transaction and resolves once it is committed. `work` must await nothing but its own
   * statements: while it runs, nobody else writes. Throws `DATABASE_BUSY` when its turn does not come in time.
   */
  async write<T>(work: (db: WriteHandle) => Promise<T>): Promise<T> {
    const leave = await this.#enter(this.#lock)
    try {
      await this.#begin()
      const result = await work(this.#write)
      this.#writer.sqlite.exec('COMMIT')
      return result
    } catch (error) {
      throw codeOf(error) === 'SQLITE_FULL' ? new NoRoom() : error
    } finally {
      if (this.#writer.sqlite.inTransaction) this.#writer.sqlite.exec('ROLLBACK')
      leave()
    }
  }

  /**
   * Keeps SQLite's statistics fresh and, when nobody else is using the file, empties the write-ahead log, which
   * ordinary checkpoints never shrink.
   */
  async tidy(): Promise<void> {
    const leave = await this.#enter(this.#lock)
    try {
      this.#writer.sqlite.pragma('optimize')
      if (this.#reading.inside === 0) this.#writer.sqlite.pragma('wal_checkpoint(TRUNCATE)')
    } finally {
      leave()
    }
  }

  /** Closes connections that nobody uses and gives back the writer's page cache; returns how many went. */
  async shrink(): Promise<number> {
    const leave = await this.#enter(this.#lock)
    try {
      this.#writer.sqlite.pragma('shrink_memory')
    } finally {
      leave()
    }
    return this.#pool.closeIdle()
  }

  close(): void {
    this.#closing.abort(new DatabaseClosed())
    this.#pool.close()
    this.#writer.close()
  }

  #enter(places: Semaphore): Promise<() => void> {
    return places.enter(ANYBODY, this.#closing.signal)
  }

  /** Another process may hold the file: SQLite waits only briefly, the rest of the wait leaves the loop free. */
  async #begin(): Promise<void> {
    const deadline = performance.now() + this.#waitMs
    for (;;) {
      try {
        this.#writer.sqlite.exec('BEGIN IMMEDIATE')
        return
      } catch (error) {
        if (!codeOf(error).startsWith('SQLITE_BUSY')) throw error
        if (performance.now() > deadline) throw new DatabaseBusy()
      }
      await sleep(10)
    }
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : ''
}
