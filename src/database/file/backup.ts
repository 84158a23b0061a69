import { randomUUID } from 'node:crypto'
import { rename, rm } from 'node:fs/promises'
import Sqlite from 'better-sqlite3'
import { NotADatabase } from '../errors.ts'

const PAGES_AT_ONCE = 200

/**
 * Copies the database into a new file while others may be using it, and checks the copy. The file appears under
 * its name only when it is whole.
 */
export async function backup(from: string, to: string): Promise<void> {
  const draft = `${to}.${randomUUID()}.part`
  const source = new Sqlite(from, { readonly: true, fileMustExist: true })
  try {
    await source.backup(draft, { progress: () => PAGES_AT_ONCE })
    check(draft)
    await rename(draft, to)
  } catch (error) {
    await Promise.all([draft, `${draft}-wal`, `${draft}-shm`].map(path => rm(path, { force: true })))
    throw error
  } finally {
    source.close()
  }
}

function check(path: string): void {
  const copy = new Sqlite(path)
  try {
    // Without the write-ahead log, so that the copy is the one file and nothing beside it.
    copy.pragma('journal_mode = DELETE')
    const verdict = copy.pragma('integrity_check(1)', { simple: true })
    if (verdict !== 'ok') throw new NotADatabase(path, String(verdict))
  } finally {
    copy.close()
  }
}
