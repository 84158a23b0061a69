import { Migrator } from 'kysely/migration'
import { NotADatabase } from '../errors.ts'
import { migrations } from '../migrations/migrations.ts'
import type { SqliteConnection } from '../sqlite/connection.ts'
import { kyselyOn } from '../sqlite/dialect.ts'

/**
 * Brings the schema up to date, all of it or nothing. The write lock is taken first, so a second process that
 * starts at the same time waits and then finds nothing left to do. Foreign keys are off meanwhile, as dropping a
 * table to rebuild it would otherwise cascade into its children; that none was broken is checked at the end.
 */
export async function migrate(connection: SqliteConnection): Promise<void> {
  const { sqlite } = connection
  sqlite.pragma('foreign_keys = OFF')
  sqlite.exec('BEGIN IMMEDIATE')
  try {
    const broken = new Set(brokenReferences())
    const migrator = new Migrator({
      db: kyselyOn(connection),
      provider: { getMigrations: async () => migrations },
    })
    const { error } = await migrator.migrateToLatest()
    if (error) throw error
    const newlyBroken = brokenReferences().filter(reference => !broken.has(reference))
    if (newlyBroken.length > 0)
      throw new NotADatabase(sqlite.name, `rows refer to nothing (${newlyBroken.slice(0, 3).join(', ')})`)
    sqlite.exec('COMMIT')
  } finally {
    if (sqlite.inTransaction) sqlite.exec('ROLLBACK')
    sqlite.pragma('foreign_keys = ON')
  }

  /** Files of the old backend may hold some already, from times when it did not check. */
  function brokenReferences(): string[] {
    const rows = sqlite.pragma('foreign_key_check') as {
      table: string
      rowid: number | null
      parent: string
    }[]
    return rows.map(({ table, rowid, parent }) => `${table} ${rowid} → ${parent}`)
  }
}
