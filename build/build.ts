import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { build } from 'esbuild'
import { BUNDLE } from '../src/program/program.ts'
import { fillCodeCache } from './code-cache.ts'
import { APART, BUNDLED, PROGRAM } from './options.ts'

/** Makes `dist/`: the server and its commands, because V8 keeps the source of what it runs. `npm run build`. */
const HOME = join(import.meta.dirname, '..')

await rm(join(HOME, 'dist'), { recursive: true, force: true })
const inDist = (file: string) => join(HOME, 'dist', file)
await Promise.all([
  build({ ...PROGRAM, entryPoints: [join(HOME, 'server.ts')], outfile: inDist(BUNDLE) }),
  build({ ...BUNDLED, entryPoints: [join(HOME, 'src/program/launch.ts')], outfile: inDist('server.js') }),
  build({ ...BUNDLED, entryPoints: [join(HOME, 'src/backup.ts')], outfile: inDist('backup.js') }),
  ...APART.map(name =>
    build({ ...BUNDLED, format: 'cjs', banner: {}, entryPoints: [name], outfile: inDist(`${name}.cjs`) }),
  ),
])

try {
  await fillCodeCache(HOME)
} catch (error) {
  console.error(`Built without a code cache, as the server does not start here: ${(error as Error).message}.`)
}
