import { stat } from 'node:fs/promises'
import Sqlite from 'better-sqlite3'
import { NewerSchema, NotADatabase } from '../errors.ts'
import { migrations } from '../migrations/migrations.ts'

/** What is in a file, found out without changing it. */
export interface Inspection {
  /** Whether there is anything in it that could be lost. */
  readonly inhabited: boolean
  readonly pending: boolean
}

/** Throws when the file is damaged or its schema is one that this version does not know. */
export async function inspect(path: string): Promise<Inspection> {
  const size = await stat(path).then(
    file => file.size,
    () => 0,
  )
  if (size === 0) return { inhabited: false, pending: true }
  const sqlite = new Sqlite(path, { readonly: true, fileMustExist: true })
  try {
    const verdict = sqlite.pragma('quick_check(1)', { simple: true })
    if (verdict !== 'ok') throw new NotADatabase(path, String(verdict).replaceAll(/\s+/g, ' '))
    const tables = sqlite
      .prepare(`select name from sqlite_schema where type = 'table'`)
      .pluck()
      .all() as string[]
    const done = tables.includes('kysely_migration')
      ? (sqlite.prepare('select name from kysely_migration order by name').pluck().all() as string[])
      : []
    const unknown = done.filter(name => !(name in migrations))
    if (unknown.length > 0) throw new NewerSchema(path, unknown.join(', '))
    return { inhabited: tables.length > 0, pending: done.length < Object.keys(migrations).length }
  } finally {
    sqlite.close()
  }
}
