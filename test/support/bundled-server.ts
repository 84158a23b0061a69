import { cpSync, symlinkSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Test } from 'tap'
import { bundle } from '../../build/bundle.ts'
import { temporaryFolder } from './temporary-folder.ts'

/** Builds the server into a folder of its own, which goes with the test, whatever is built meanwhile; gives its program. */
export async function bundledServer(t: Test): Promise<string> {
  const folder = await temporaryFolder(t)
  const root = resolve(import.meta.dirname, '../..')
  for (const part of ['public', 'package.json'])
    cpSync(join(root, part), join(folder, part), { recursive: true })
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  const dist = join(folder, 'dist')
  await bundle(dist)
  return join(dist, 'server.js')
}
