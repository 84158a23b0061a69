import { cpSync, symlinkSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { build } from 'esbuild'
import type { Test } from 'tap'
import { APART, BUNDLED, PROGRAM } from '../../build/options.ts'
import { BUNDLE } from '../../src/program/program.ts'
import { temporaryFolder } from './temporary-folder.ts'

/** Builds the server into a folder of its own, which goes with the test, whatever is built meanwhile; gives its program. */
export async function buildServer(t: Test): Promise<string> {
  const folder = await temporaryFolder(t)
  const root = resolve(import.meta.dirname, '../..')
  for (const part of ['public', 'package.json'])
    cpSync(join(root, part), join(folder, part), { recursive: true })
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  const inDist = (file: string) => join(folder, 'dist', file)
  const entry = (file: string) => ({ entryPoints: [join(root, file)] })
  await Promise.all([
    build({ ...PROGRAM, ...entry('src/server.ts'), outfile: inDist(BUNDLE) }),
    build({ ...BUNDLED, ...entry('src/program/launch.ts'), outfile: inDist('server.js') }),
    ...APART.map(name =>
      build({ ...BUNDLED, format: 'cjs', banner: {}, entryPoints: [name], outfile: inDist(`${name}.cjs`) }),
    ),
  ])
  return inDist('server.js')
}
