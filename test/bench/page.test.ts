import t from 'tap'
import { figure } from '../../bench/suite/figure.ts'
import { page, type Record } from '../../bench/suite/page.ts'
import { drawPlot } from '../../bench/suite/plot.ts'
import type { Plot } from '../../bench/suite/section.ts'

const plot: Plot = {
  name: 'cpu',
  title: 'CPU < 1 & more',
  x: 'viewers',
  y: 's/GB',
  logarithmic: true,
  lines: [
    {
      name: 'camgate',
      points: [
        [1, 3],
        [100, 1],
      ],
    },
  ],
}

const record: Record = {
  title: 'CPU',
  machine: {
    date: '2026-05-01 18:30',
    cpu: '2 × any',
    memoryGb: 4,
    kernel: 'Linux 6',
    node: 'v24',
    nginx: 'nginx/1.22',
    cc: 'cc 12',
    commit: 'abc',
    load: 0.5,
  },
  seconds: 9.6,
  tables: [{ title: 'Costs', columns: ['a'], rows: [['1']] }],
  targets: [
    { what: 'kept', figure: figure([1]), is: 'at most', limit: 1, unit: '×' },
    { what: 'not kept', figure: figure([1.01]), is: 'at most', limit: 1, unit: '×' },
  ],
  plots: [plot],
  raw: [],
}

t.test(
  'the page counts the targets that are met from the figures, and shows machine, versions and plots',
  async t => {
    const text = page([record])
    t.match(text, /## Targets: 1 of 2 met/)
    t.match(text, /\| kept +\| ≤ 1.00 × \| 1.00 × +\| met/)
    t.match(text, /\| not kept +\| ≤ 1.00 × \| 1.01 × +\| \*\*missed\*\*/)
    t.match(text, '![CPU < 1 & more](benchmarks/cpu.svg)')
    t.match(
      text,
      /2026-05-01 18:30 UTC, 10 s, at abc; 2 × any, 4 GB, Linux 6, load 0.5 before; Node v24, nginx\/1.22, cc 12/,
    )
  },
)

t.test('a plot has a line with its points inside its frame, and its text is escaped', async t => {
  const svg = drawPlot(plot)
  t.match(svg, 'CPU &lt; 1 &amp; more')
  const [, points = ''] = /polyline points="([^"]+)"/.exec(svg) ?? []
  const [left, right] = points.split(' ').map(point => point.split(',').map(Number)) as [number[], number[]]
  t.ok(left[0]! < right[0]! && right[0]! <= 720, 'from left to right')
  t.ok(left[1]! < right[1]! && right[1]! < 360, 'less is lower')
  t.match(drawPlot({ ...plot, lines: [] }), /<\/svg>/, 'nothing to draw')
})
