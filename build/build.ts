import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { build } from 'esbuild'
import { compileAddon } from './addon.ts'
import { BUNDLED } from './options.ts'

/** Makes `dist/`: the server and its commands, because V8 keeps the source of what it runs. `npm run build`. */
const HOME = join(import.meta.dirname, '..')

await rm(join(HOME, 'dist'), { recursive: true, force: true })
await build({
  ...BUNDLED,
  entryPoints: [join(HOME, 'src/server.ts'), join(HOME, 'src/backup.ts')],
  outdir: join(HOME, 'dist'),
  splitting: true,
})

try {
  compileAddon(join(HOME, 'src/memory/file-pages.c'), join(HOME, 'dist/file-pages.node'))
} catch {
  console.error(
    'Built without file-pages.node, which needs a C compiler (cc): the server will hold about 25 MB more.',
  )
}
