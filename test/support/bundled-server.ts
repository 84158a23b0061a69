import { cpSync, symlinkSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Test } from 'tap'
import { bundle } from '../../build/bundle.ts'
import { temporaryFolder } from './temporary-folder.ts'

/** Builds the server, or another program, into a folder of its own, which goes with the test; gives the built program. */
export async function bundledServer(t: Test, program?: string): Promise<string> {
  const folder = await temporaryFolder(t)
  const root = resolve(import.meta.dirname, '../..')
  for (const part of ['public', 'package.json'])
    cpSync(join(root, part), join(folder, part), { recursive: true })
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  const dist = join(folder, 'dist')
  await bundle(dist, program)
  return join(dist, 'server.js')
}
