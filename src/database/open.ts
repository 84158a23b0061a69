import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { SqliteConnection } from './connection.ts'
import { Database, type DatabaseOptions } from './database.ts'
import { migrate } from './migrate.ts'

const START_BUSY_TIMEOUT_MS = 10_000

/** Opens the file, makes it where there is none, and brings its schema up to date. */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  await mkdir(dirname(options.path), { recursive: true })
  const writer = new SqliteConnection(options.path, { readOnly: false, busyTimeoutMs: START_BUSY_TIMEOUT_MS })
  try {
    writer.sqlite.pragma('journal_mode = WAL')
    writer.sqlite.pragma('journal_size_limit = 4194304')
    await migrate(writer)
    return new Database(writer, options)
  } catch (error) {
    writer.close()
    throw error
  }
}
