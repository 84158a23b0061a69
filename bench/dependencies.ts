import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { build } from 'esbuild'
import { BUNDLED } from '../build/options.ts'
import { type Figures, megabytes, withFigures } from './dependency-table.ts'
import { percentile } from './load/summary.ts'
import { Child } from './process/child.ts'
import { type Reading, readProcess } from './process/proc.ts'

/**
 * What each package adds to memory when the packages are loaded one after another, whole, bundled and started as the server is:
 * `npm run bench:dependencies`. They are loaded in several orders, and the median counts. glibc's allocator keeps megabytes that have
 * nothing to do with what was loaded last: jemalloc should be there. With `--write` the figures go into docs/dependencies.md.
 */
const HOME = join(import.meta.dirname, '..')
const PAGE = join(HOME, 'docs', 'dependencies.md')
const ORDERS = 5
/** Served to browsers, or there for its types. */
const NEVER_LOADED = new Set(['uplot', '@fastify/type-provider-typebox'])
const SETTLE = `import { compactHeap } from './src/memory/heap.ts'
setTimeout(() => {
  compactHeap()
  setTimeout(() => console.log('settled'), 500)
}, 500)
setInterval(() => {}, 1e9)`

const { dependencies } = JSON.parse(await readFile(join(HOME, 'package.json'), 'utf8')) as {
  dependencies: Record<string, string>
}
const packages = Object.keys(dependencies).filter(name => !NEVER_LOADED.has(name))

async function measure(folder: string, names: readonly string[]): Promise<Reading> {
  const outfile = join(folder, `${names.length}.mjs`)
  const imports = names.map((name, i) => `import * as p${i} from '${name}'`)
  const kept = `globalThis.kept = [${names.map((_, i) => `p${i}`).join(', ')}]`
  const contents = [...imports, kept, SETTLE].join('\n')
  await build({ ...BUNDLED, stdin: { contents, resolveDir: HOME }, outfile })
  const child = new Child('sh', ['bin/start', outfile])
  try {
    await child.line(/^settled$/)
    return readProcess(child.pid)
  } finally {
    await child.stop()
  }
}

/** What Node takes, what each package adds to those before it, and what all take together. */
async function figures(folder: string): Promise<Figures[]> {
  const readings = new Map<string, Pick<Reading, 'rssMb' | 'anonMb'>[]>()
  const add = (name: string, { rssMb, anonMb }: Pick<Reading, 'rssMb' | 'anonMb'>) =>
    readings.set(name, [...(readings.get(name) ?? []), { rssMb, anonMb }])
  for (let order = 0; order < ORDERS; order++) {
    const from = Math.floor((order * packages.length) / ORDERS)
    const names = [...packages.slice(from), ...packages.slice(0, from)]
    let before = await measure(folder, [])
    add('Node itself', before)
    for (const [index, name] of names.entries()) {
      const now = await measure(folder, names.slice(0, index + 1))
      add(`\`${name}\``, { rssMb: now.rssMb - before.rssMb, anonMb: now.anonMb - before.anonMb })
      before = now
    }
    add('all of them', before)
  }
  return [...readings].map(([name, all]) => ({
    name,
    rssMb: percentile(
      all.map(({ rssMb }) => rssMb),
      0.5,
    )!,
    anonMb: percentile(
      all.map(({ anonMb }) => anonMb),
      0.5,
    )!,
  }))
}

// Native packages are found from there.
await mkdir(join(HOME, 'dist'), { recursive: true })
const folder = await mkdtemp(join(HOME, 'dist', 'dependencies-'))
try {
  const found = await figures(folder)
  for (const { name, rssMb, anonMb } of found)
    console.log(
      `${name.padEnd(40)} ${megabytes(rssMb).padStart(5)} MB, anonymous ${megabytes(anonMb).padStart(5)} MB`,
    )
  if (process.argv.includes('--write'))
    await writeFile(PAGE, withFigures(await readFile(PAGE, 'utf8'), found))
} finally {
  await rm(folder, { recursive: true, force: true })
}
