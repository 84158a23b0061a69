import {
  type DatabaseConnection,
  type Dialect,
  type Driver,
  Kysely,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely'
import type { Schema } from '../schema.ts'
import type { SqliteConnection } from './connection.ts'

/** A kysely handle that runs on whatever connection `acquire` gives; it owns none and returns none. */
export function kyselyOn(acquire: () => SqliteConnection | Promise<SqliteConnection>): Kysely<Schema> {
  return new Kysely<Schema>({ dialect: new BorrowedDialect(acquire) })
}

class BorrowedDialect implements Dialect {
  readonly #acquire: () => SqliteConnection | Promise<SqliteConnection>

  constructor(acquire: () => SqliteConnection | Promise<SqliteConnection>) {
    this.#acquire = acquire
  }

  createDriver = () => new BorrowedDriver(this.#acquire)
  createQueryCompiler = () => new SqliteQueryCompiler()
  createAdapter = () => new SqliteAdapter()
  createIntrospector = (db: ConstructorParameters<typeof SqliteIntrospector>[0]) => new SqliteIntrospector(db)
}

class BorrowedDriver implements Driver {
  readonly #acquire: () => SqliteConnection | Promise<SqliteConnection>

  constructor(acquire: () => SqliteConnection | Promise<SqliteConnection>) {
    this.#acquire = acquire
  }

  async acquireConnection(): Promise<DatabaseConnection> {
    return this.#acquire()
  }

  async beginTransaction(): Promise<void> {
    throw new Error('a transaction is opened by Database.write')
  }

  async init(): Promise<void> {}
  async commitTransaction(): Promise<void> {}
  async rollbackTransaction(): Promise<void> {}
  async releaseConnection(): Promise<void> {}
  async destroy(): Promise<void> {}
}
