import { rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { build } from 'esbuild'
import { compileAddon } from './addon.ts'
import { fillCompileCache } from './compile-cache.ts'
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

const ADDONS = [
  ['src/memory/file-pages.c', 'the server will hold about 25 MB more'],
  ['src/live/fan-out.c', 'viewers will cost up to twice the CPU'],
  ['src/go2rtc/low-water.c', 'a camera will cost up to an eighth more CPU'],
] as const

for (const [source, without] of ADDONS) {
  const addon = `${basename(source, '.c')}.node`
  try {
    compileAddon(join(HOME, source), join(HOME, 'dist', addon))
  } catch {
    console.error(`Built without ${addon}, which needs a C compiler (cc): ${without}.`)
  }
}

try {
  await fillCompileCache(HOME)
} catch (error) {
  console.error(
    `Built without a compile cache, as the server does not start here: ${(error as Error).message}.`,
  )
}
