import { globSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import t from 'tap'

const root = join(import.meta.dirname, '..')
/** Rooms are folders: more files than that in one have no order that shows. */
const MOST_FILES = 13

/** The area of a file below `src/`; undefined for the few that stand there alone. */
function areaOf(path: string): string | undefined {
  const [top, area, ...rest] = path.split('/')
  return top === 'src' && rest.length > 0 ? area : undefined
}

/** For each area of `src/` the others that it imports. */
function areas(): Map<string, Set<string>> {
  const imports = new Map<string, Set<string>>()
  for (const path of globSync('src/**/*.ts', { cwd: root })) {
    const from = areaOf(path)
    if (from === undefined) continue
    const known = imports.get(from) ?? new Set()
    imports.set(from, known)
    for (const [, target] of readFileSync(join(root, path), 'utf8').matchAll(/from '(\.[^']+)'/g)) {
      const to = areaOf(normalize(join(dirname(path), target!)))
      if (to !== undefined && to !== from) known.add(to)
    }
  }
  return imports
}

/** A way from an area back to itself, if there is one. */
function circle(imports: ReadonlyMap<string, ReadonlySet<string>>): readonly string[] | undefined {
  const done = new Set<string>()
  const search = (area: string, way: readonly string[]): readonly string[] | undefined => {
    if (way.includes(area)) return [...way.slice(way.indexOf(area)), area]
    if (done.has(area)) return undefined
    for (const next of imports.get(area) ?? []) {
      const found = search(next, [...way, area])
      if (found) return found
    }
    done.add(area)
    return undefined
  }
  for (const area of imports.keys()) {
    const found = search(area, [])
    if (found) return found
  }
  return undefined
}

t.test('areas of src/ import each other in a circle', async t => {
  const imports = areas()
  t.ok(imports.size > 20, `${imports.size} areas`)
  t.ok(imports.get('hls')?.has('live'), 'imports are found')
  t.equal(circle(imports), undefined)
  t.same(
    circle(
      new Map([
        ['a', new Set(['b'])],
        ['b', new Set(['a'])],
      ]),
    ),
    ['a', 'b', 'a'],
  )
})

t.test('a folder has more files than one can look over', async t => {
  const counts = new Map<string, number>()
  for (const path of globSync('{src,plugins,routes}/**/*.ts', { cwd: root }))
    counts.set(dirname(path), (counts.get(dirname(path)) ?? 0) + 1)
  for (const [folder, count] of counts) t.ok(count <= MOST_FILES, `${folder}: ${count}`)
})
