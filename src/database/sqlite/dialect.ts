import { Kysely, type SqliteDatabase, SqliteDialect } from 'kysely'
import type { Schema } from '../schema.ts'

/** A kysely handle on an open connection, or on what `database` resolves to at the first query. It closes nothing. */
export function kyselyOn(database: SqliteDatabase | (() => Promise<SqliteDatabase>)): Kysely<Schema> {
  return new Kysely<Schema>({ dialect: new SqliteDialect({ database }) })
}
