import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { withFigures } from '../../bench/dependency-table.ts'

const HOME = join(import.meta.dirname, '..', '..')
const page = readFileSync(join(HOME, 'docs', 'dependencies.md'), 'utf8')

t.test('a package would have no row with its figures', async t => {
  const { dependencies } = JSON.parse(readFileSync(join(HOME, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>
  }
  for (const name of Object.keys(dependencies)) {
    const [row, ...more] = page.split('\n').filter(line => line.startsWith(`| \`${name}\` |`))
    t.match(row, /\| (-?\d+(\.\d)?|–) \| (-?\d+(\.\d)?|–) \|$/, name)
    t.same(more, [], `${name} has one row`)
  }
})

t.test('figures would be written into another row, or beside their columns', async t => {
  const before = '| package | why |\n| `ws` | WebSockets | 9.9 | 9 |\n| `ws2` | others | 1.0 | 1.0 |'
  t.equal(
    withFigures(before, [{ name: '`ws`', rssMb: 1.26, anonMb: -0.04 }]),
    '| package | why |\n| `ws` | WebSockets | 1.3 | 0 |\n| `ws2` | others | 1.0 | 1.0 |',
  )
  t.throws(() => withFigures(before, [{ name: '`new`', rssMb: 1, anonMb: 1 }]), {
    message: /no row for `new`/,
  })
})
