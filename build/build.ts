import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { build } from 'esbuild'
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
