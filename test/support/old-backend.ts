import { execFileSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Test } from 'tap'
import { temporaryFolder } from './temporary-folder.ts'
import { sqlite3 } from './tools.ts'

/** A file as the old backend left it, made by the sqlite3 shell in a folder of its own. */
export async function oldFile(t: Test, shape: 'older' | 'newer'): Promise<string> {
  const path = join(await temporaryFolder(t), 'anchorpoint.db')
  await fillOldFile(path, shape)
  return path
}

export async function fillOldFile(path: string, shape: 'older' | 'newer'): Promise<void> {
  const input = await readFile(new URL(`../fixtures/old-backend/${shape}.sql`, import.meta.url))
  execFileSync(sqlite3(), [path], { input })
}
