import { existsSync } from 'node:fs'
import { readConfig } from './config/config.ts'
import { backup } from './database/file/backup.ts'
import { PRIVATE } from './private-files.ts'

/** `npm run backup -- FILE`: copies the database of `DATABASE_PATH` while the server may be running. */
process.umask(PRIVATE)
const to = process.argv[2]
const from = databasePath()
if (to === undefined) fail('usage: npm run backup -- FILE')
if (existsSync(to)) fail(`${to} exists already`)
if (!existsSync(from)) fail(`there is no database at ${from} (DATABASE_PATH)`)
try {
  await backup(from, to)
  process.stdout.write(`${to} is a checked copy of ${from}\n`)
} catch (error) {
  fail(error instanceof Error ? error.message : String(error))
}

function databasePath(): string {
  try {
    return readConfig(process.env).accounts.databasePath
  } catch (error) {
    fail(error instanceof Error ? error.message : String(error))
  }
}

function fail(reason: string): never {
  process.stderr.write(`no backup: ${reason}\n`)
  process.exit(1)
}
