import Sqlite from 'better-sqlite3'
import type { SqliteDatabase } from 'kysely'
import { LRUCache } from 'lru-cache'

const KEPT_STATEMENTS = 64

export interface ConnectionOptions {
  readonly readOnly: boolean
  /** How long SQLite may block the event loop for another process's lock, in milliseconds. */
  readonly busyTimeoutMs: number
}

/** One open SQLite handle, as kysely takes it. Statements run synchronously and are kept prepared. */
export class SqliteConnection implements SqliteDatabase {
  readonly sqlite: Sqlite.Database
  readonly #statements = new LRUCache<string, Sqlite.Statement>({ max: KEPT_STATEMENTS })

  constructor(path: string, { readOnly, busyTimeoutMs }: ConnectionOptions) {
    this.sqlite = new Sqlite(path, { timeout: busyTimeoutMs })
    this.sqlite.pragma('foreign_keys = ON')
    this.sqlite.pragma('synchronous = NORMAL')
    this.sqlite.pragma('cache_size = -512')
    this.sqlite.pragma('temp_store = MEMORY')
    if (readOnly) this.sqlite.pragma('query_only = ON')
  }

  prepare(sql: string): Sqlite.Statement {
    const kept = this.#statements.get(sql)
    if (kept) return kept
    const statement = this.sqlite.prepare(sql)
    this.#statements.set(sql, statement)
    return statement
  }

  close(): void {
    this.#statements.clear()
    this.sqlite.close()
  }
}
