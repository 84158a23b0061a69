import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { build } from 'esbuild'
import { BUNDLED } from '../build/options.ts'
import { percentile } from './load/summary.ts'
import { Child } from './process/child.ts'
import { type Reading, readProcess } from './process/proc.ts'

/**
 * What each package adds to resident memory when the packages are loaded one after another, whole, bundled and started as
 * the server is: `npm run bench:dependencies`. What several share counts for the first of them.
 */
const HOME = join(import.meta.dirname, '..')
const STARTS = 5
/** Served to browsers, or part of a package that is listed. */
const NEVER_LOADED = new Set(['uplot', '@fastify/static', '@fastify/type-provider-typebox'])
/** Only where a setting asks for it. */
const LATE = new Set(['mqtt'])
const SETTLE = `import { compactHeap } from './src/memory/heap.ts'
setTimeout(() => {
  compactHeap()
  setTimeout(() => console.log('settled'), 500)
}, 500)
setInterval(() => {}, 1e9)`

const { dependencies } = JSON.parse(await readFile(join(HOME, 'package.json'), 'utf8')) as {
  dependencies: Record<string, string>
}
const names = Object.keys(dependencies).filter(name => !NEVER_LOADED.has(name))
const first = ['fastify']
const order = [
  ...first,
  ...names.filter(name => !first.includes(name) && !LATE.has(name)),
  ...names.filter(name => LATE.has(name)),
]

async function measure(folder: string, packages: readonly string[]) {
  const outfile = join(folder, `${packages.length}.mjs`)
  const imports = packages.map((name, i) => `import * as p${i} from '${name}'`)
  const kept = `globalThis.kept = [${packages.map((_, i) => `p${i}`).join(', ')}]`
  const contents = [...imports, kept, SETTLE].join('\n')
  await build({ ...BUNDLED, stdin: { contents, resolveDir: HOME }, outfile })
  const readings: Reading[] = []
  for (let start = 0; start < STARTS; start++) {
    const child = new Child('sh', ['bin/start', outfile])
    await child.line(/^settled$/)
    readings.push(readProcess(child.pid))
    await child.stop()
  }
  const median = (of: (reading: Reading) => number) => percentile(readings.map(of), 0.5)!
  return { rssMb: median(({ rssMb }) => rssMb), anonMb: median(({ anonMb }) => anonMb) }
}

// Native packages are found from there.
await mkdir(join(HOME, 'dist'), { recursive: true })
const folder = await mkdtemp(join(HOME, 'dist', 'dependencies-'))
try {
  let before = await measure(folder, [])
  console.log(`Node itself: ${before.rssMb.toFixed(1)} MB, ${before.anonMb.toFixed(1)} of them anonymous`)
  for (let count = 1; count <= order.length; count++) {
    const now = await measure(folder, order.slice(0, count))
    const more = (now.rssMb - before.rssMb).toFixed(1)
    const anon = (now.anonMb - before.anonMb).toFixed(1)
    console.log(`${order[count - 1]!.padEnd(40)} ${more.padStart(5)} MB, anonymous ${anon.padStart(5)} MB`)
    before = now
  }
  console.log(`all: ${before.rssMb.toFixed(1)} MB, ${before.anonMb.toFixed(1)} of them anonymous`)
} finally {
  await rm(folder, { recursive: true, force: true })
}
