import Database from 'better-sqlite3'

/** What a database file says, read beside the server that has it open. */
export function rowsIn<Row>(path: string, sql: string): Row[] {
  return inFile(path, { readonly: true }, database => database.prepare(sql).all() as Row[])
}

/** Runs statements on a database file. */
export function changeFile(path: string, sql: string): void {
  inFile(path, {}, database => database.exec(sql))
}

function inFile<T>(path: string, options: Database.Options, use: (database: Database.Database) => T): T {
  const database = new Database(path, options)
  try {
    return use(database)
  } finally {
    database.close()
  }
}
