import { access, constants, mkdir, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { makePrivate } from '../../private-files.ts'
import { Database, type DatabaseOptions } from '../database.ts'
import { SqliteConnection } from '../sqlite/connection.ts'
import { backup } from './backup.ts'
import { inspect } from './inspect.ts'
import { migrate } from './migrate.ts'
import { ownFiles } from './own-files.ts'
import { startError } from './start-error.ts'

const START_BUSY_TIMEOUT_MS = 10_000
const RETRY_MS = 50

export interface OpenOptions extends DatabaseOptions {
  /** Told where the copy is that is made before a file with something in it is changed. */
  onBackup?(path: string): void
  /** Told of a file that others may read, and that this process cannot take from them. */
  onExposed?(path: string): void
}

/**
 * Opens the file, makes it where there is none, and brings its schema up to date. A file that cannot be used (damaged,
 * written by a newer version, read-only, no room) is left as it is, and the error says why in one line. Files of an earlier version
 * are taken from group and others; a folder that is there already stays as its owner wants it.
 */
export async function openDatabase(options: OpenOptions): Promise<Database> {
  const until = performance.now() + START_BUSY_TIMEOUT_MS
  for (;;) {
    try {
      return await openOnce(options)
    } catch (error) {
      if (!isBusy(error) || performance.now() >= until) throw startError(error, options.path)
      await sleep(RETRY_MS)
    }
  }
}

/** SQLite does not wait for everything: a change to WAL, for one, fails at once while another process reads. */
function isBusy(error: unknown): boolean {
  return error instanceof Error && 'code' in error && /^SQLITE_BUSY/.test(String(error.code))
}

async function openOnce(options: OpenOptions): Promise<Database> {
  const { path } = options
  let copy: string | undefined
  let writer: SqliteConnection
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    const { inhabited, pending } = await inspect(path)
    if (inhabited) await access(path, constants.W_OK)
    for (const file of await ownFiles(path)) if (await makePrivate(file)) options.onExposed?.(file)
    if (inhabited && pending) {
      copy = `${path}.before-migration-${new Date().toISOString().replaceAll(/[:.]/g, '-')}`
      await backup(path, copy)
    }
    writer = await openMigrated(path)
  } catch (error) {
    // Nothing was changed; a supervisor that tries again and again would fill the disk with copies.
    if (copy !== undefined) await rm(copy, { force: true })
    throw error
  }
  try {
    if (copy !== undefined) options.onBackup?.(copy)
    writer.sqlite.pragma('journal_mode = WAL')
    writer.sqlite.pragma('journal_size_limit = 4194304')
    return new Database(writer, options)
  } catch (error) {
    writer.close()
    throw error
  }
}

async function openMigrated(path: string): Promise<SqliteConnection> {
  const writer = new SqliteConnection(path, { readOnly: false, busyTimeoutMs: START_BUSY_TIMEOUT_MS })
  try {
    await migrate(writer)
    return writer
  } catch (error) {
    writer.close()
    throw error
  }
}
