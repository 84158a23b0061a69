import { Migrator } from 'kysely/migration'
import type { SqliteConnection } from './connection.ts'
import { kyselyOn } from './dialect.ts'
import { migrations } from './migrations/migrations.ts'

/**
 * Brings the schema up to date, all of it or nothing. The write lock is taken first, so a second process that
 * starts at the same time waits and then finds nothing left to do.
 */
export async function migrate(connection: SqliteConnection): Promise<void> {
  const { sqlite } = connection
  sqlite.pragma('foreign_keys = OFF')
  sqlite.exec('BEGIN IMMEDIATE')
  try {
    const migrator = new Migrator({
      db: kyselyOn(() => connection),
      provider: { getMigrations: async () => migrations },
    })
    const { error } = await migrator.migrateToLatest()
    if (error) throw error
    sqlite.exec('COMMIT')
  } finally {
    if (sqlite.inTransaction) sqlite.exec('ROLLBACK')
    sqlite.pragma('foreign_keys = ON')
  }
}
