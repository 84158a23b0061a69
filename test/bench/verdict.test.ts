import t from 'tap'
import { digits, figure, print } from '../../bench/suite/page/figure.ts'
import { printTable, verdictTable } from '../../bench/suite/page/print.ts'
import { missed, type Target, verdict } from '../../bench/suite/page/verdict.ts'

const target: Target<number | undefined> = {
  what: 'CPU to nginx',
  is: 'at most',
  limit: 0.6,
  unit: '×',
  of: round => round,
}
const ROUNDS = [0.7, 0.5, 0.55]
const printed = (of: typeof target, rounds: readonly (number | undefined)[] = ROUNDS) =>
  verdictTable([verdict(of, rounds)]).rows[0]!.join(' ')

t.test('a target is missed when the middle of the rounds is on the wrong side of it', async t => {
  t.equal(printed(target), 'CPU to nginx ≤ 0.600 × 0.550 (0.500–0.700) × met')
  t.equal(printed({ ...target, limit: 0.54 }), 'CPU to nginx ≤ 0.540 × 0.550 (0.500–0.700) × **missed**')
  t.equal(printed({ ...target, is: 'at least' }), 'CPU to nginx ≥ 0.600 × 0.550 (0.500–0.700) × **missed**')
  t.match(printed({ ...target, is: 'at least', limit: 0.55 }), /met$/)
  t.match(printed({ ...target, limit: 0.55 }), /met$/, 'on it is not beyond it')
})

t.test('where every round counts, the best of them would be judged', async t => {
  t.equal(printed({ ...target, worst: true }), 'CPU to nginx ≤ 0.600 × 0.700 × in the worst round **missed**')
  t.match(printed({ ...target, worst: true, limit: 0.7 }), /met$/)
  t.match(printed({ ...target, worst: true, is: 'at least', limit: 0.5 }), /0.500 × in the worst round met$/)
  t.match(printed({ ...target, worst: true, is: 'at least', limit: 0.51 }), /\*\*missed\*\*$/)
})

t.test('a round that gave nothing would be left out of a figure', async t => {
  for (const hole of [undefined, Number.NaN, Number.POSITIVE_INFINITY]) {
    t.equal(printed(target, [0.5, hole, 0.5]), 'CPU to nginx ≤ 0.600 × not measured **missed**')
    t.match(printed({ ...target, is: 'at least', limit: 0 }, [0.5, hole]), /\*\*missed\*\*$/)
  }
  t.match(printed(target, []), /not measured \*\*missed\*\*$/)
  t.match(printed(target, [0.5]), /met$/)
  t.match(missed(target), { what: 'CPU to nginx', met: false, figure: undefined })
})

t.test('figures keep three digits and their spread', async t => {
  t.equal(print(figure([1234.4])), '1234')
  t.equal(print(figure([0.97, 0.95, 1.02])), '0.970 (0.950–1.02)')
  t.same([0, 0.0123, 12.345, 100].map(digits), ['0', '0.012', '12.3', '100'])
  t.equal(figure([1, 3]).median, 2, 'of two rounds neither is left out')
  t.equal(figure([4, 1, 2, 3]).median, 2.5)
  t.throws(() => figure([]), { message: 'a figure of nothing' })
})

t.test('a table is Markdown whose rows have every column', async t => {
  const text = printTable({ title: 'T', columns: ['a', 'b'], rows: [['1', 'long']], note: 'n' })
  t.equal(text, '**T**\n\n| a | b    |\n|---|------|\n| 1 | long |\n\nn')
})
