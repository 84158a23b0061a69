import { join } from 'node:path'
import { Migrator } from 'kysely/migration'
import type { Test } from 'tap'
import { migrations } from '../../src/database/migrations/migrations.ts'
import { SqliteConnection } from '../../src/database/sqlite/connection.ts'
import { kyselyOn } from '../../src/database/sqlite/dialect.ts'
import { temporaryFolder } from './temporary-folder.ts'

/** A database as a version left it whose newest migration was `last`, with the rows that `fill` puts there. */
export async function olderFile(t: Test, last: string, fill: (sqlite: SqliteConnection['sqlite']) => void) {
  const path = join(await temporaryFolder(t), 'camgate.db')
  const connection = new SqliteConnection(path, { readOnly: false, busyTimeoutMs: 1000 })
  const known = Object.fromEntries(Object.entries(migrations).filter(([name]) => name <= last))
  const migrator = new Migrator({
    db: kyselyOn(connection),
    provider: { getMigrations: async () => known },
  })
  const { error } = await migrator.migrateToLatest()
  if (error) throw error
  fill(connection.sqlite)
  connection.close()
  return path
}
