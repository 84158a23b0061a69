import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'

const ROOT = join(import.meta.dirname, '../..')
const page = readFileSync(join(ROOT, 'SECURITY.md'), 'utf8')
const named = new Set(page.match(/\btest\/[\w/-]+\.test\.ts/g))

t.test('SECURITY.md promises what no test proves', async t => {
  t.ok(named.size > 30, `${named.size} tests`)
  for (const path of named) t.ok(statSync(join(ROOT, path), { throwIfNoEntry: false })?.isFile(), path)
  const rows = page.split('\n').filter(line => /^\| [A-Z]/.test(line))
  t.ok(rows.length > 25, `${rows.length} promises`)
  for (const row of rows) t.match(row, /\| `test\/[^|]+` \|$/, row)
})

t.test('an attack that is tested is not in SECURITY.md', async t => {
  const itself = 'documented.test.ts'
  for (const folder of ['test/attacks', 'test/fuzz'])
    for (const file of readdirSync(join(ROOT, folder)).filter(
      name => name.endsWith('.test.ts') && name !== itself,
    ))
      t.ok(named.has(`${folder}/${file}`), `${folder}/${file}`)
})
