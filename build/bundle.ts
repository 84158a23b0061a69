import { join } from 'node:path'
import { build } from 'esbuild'
import { APART, BUNDLED, SERVER } from './options.ts'

const HOME = join(import.meta.dirname, '..')

/** Bundles the server, whose program may be another one, and its commands into a folder, in few files. */
export async function bundle(folder: string, server = 'server.ts'): Promise<void> {
  const from = (file: string) => ({ entryPoints: [join(HOME, file)] })
  const into = (file: string) => ({ outfile: join(folder, file) })
  await Promise.all([
    build({ ...SERVER, ...from(server), ...into('server.js') }),
    build({ ...BUNDLED, ...from('src/backup.ts'), ...into('backup.js') }),
    ...APART.map(name =>
      build({ ...BUNDLED, format: 'cjs', banner: {}, entryPoints: [name], ...into(`${name}.cjs`) }),
    ),
  ])
}
