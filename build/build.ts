import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { bundle } from './bundle.ts'
import { fillCompileCache } from './compile-cache.ts'

/** Makes `dist/`, with what Node compiled of it for its start. `npm run build`. */
const HOME = join(import.meta.dirname, '..')
const DIST = join(HOME, 'dist')

await rm(DIST, { recursive: true, force: true })
await bundle(DIST)
await fillCompileCache(HOME)
