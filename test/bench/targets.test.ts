import t from 'tap'
import { digits, figure, print } from '../../bench/suite/figure.ts'
import { printTable, targetTable } from '../../bench/suite/print.ts'
import type { Target } from '../../bench/suite/section.ts'

const target: Target = {
  what: 'CPU to nginx',
  figure: figure([0.7, 0.5, 0.55]),
  is: 'at most',
  limit: 0.6,
  unit: '×',
}

t.test('a target is missed when the middle of the rounds is on the wrong side of it', async t => {
  const lines = (targets: readonly Target[]) => targetTable(targets).rows.map(row => row.join(' '))
  t.same(lines([target]), ['CPU to nginx ≤ 0.600 × 0.550 (0.500–0.700) × met'])
  t.same(lines([{ ...target, limit: 0.54 }]), ['CPU to nginx ≤ 0.540 × 0.550 (0.500–0.700) × **missed**'])
  t.same(lines([{ ...target, is: 'at least' }]), ['CPU to nginx ≥ 0.600 × 0.550 (0.500–0.700) × **missed**'])
  t.match(lines([{ ...target, is: 'at least', limit: 0.55 }])[0], /met$/)
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
