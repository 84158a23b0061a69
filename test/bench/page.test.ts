import t from 'tap'
import { page, type Run } from '../../bench/suite/page/page.ts'
import { drawPlot, type Plot } from '../../bench/suite/page/plot.ts'
import { missed, type Target, verdict } from '../../bench/suite/page/verdict.ts'
import { planOf } from '../../bench/suite/plan.ts'
import type { Outcome } from '../../bench/suite/section.ts'

const plot: Plot = {
  name: 'memory',
  title: 'RSS < 1 & more',
  x: 'viewers',
  y: 'MB',
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

const target: Target<number> = { what: 'kept', is: 'at most', limit: 1, unit: '×', of: round => round }
const outcome: Outcome = {
  title: 'CPU',
  seconds: 9.6,
  tables: [{ title: 'Costs', columns: ['a'], rows: [['1']] }],
  verdicts: [verdict(target, [1]), verdict({ ...target, what: 'not kept' }, [1.01])],
  plots: [plot],
  rounds: [1],
}
const run: Run = {
  command: 'npm run bench',
  plan: planOf(false, { GO2RTC_BIN: '/go2rtc' }),
  machine: {
    date: '2026-05-01 18:30',
    cpu: '2 × any',
    memoryGb: 4,
    kernel: 'Linux 6',
    programs: ['Node v26', 'nginx/1.22'],
    commit: 'abc-dirty',
    load: 0.5,
  },
  outcomes: [outcome],
}

t.test('the page counts the targets that are met, and shows machine, versions and plots', async t => {
  const text = page(run)
  t.match(text, 'Written by `npm run bench`')
  t.match(text, `Each section has ${run.plan.rounds} rounds;`)
  t.match(text, /## Targets: 1 of 2 met/)
  t.match(text, /\| kept +\| ≤ 1.00 × \| 1.00 × +\| met/)
  t.match(text, /\| not kept +\| ≤ 1.00 × \| 1.01 × +\| \*\*missed\*\*/)
  t.match(text, '![RSS < 1 & more](benchmarks/memory.svg)')
  t.match(
    text,
    '2026-05-01 18:30 UTC, at abc-dirty; 2 × any, 4 GB, Linux 6, load 0.5 before; Node v26, nginx/1.22',
  )
})

t.test('a section that failed would be passed over, or not say why', async t => {
  const failed: Outcome = {
    ...outcome,
    title: 'HLS',
    verdicts: [missed({ ...target, what: 'HLS' })],
    tables: [],
    plots: [],
    failed: '3 of 200 players were refused',
  }
  const text = page({ ...run, outcomes: [outcome, failed] })
  t.match(text, /## Targets: 1 of 3 met/)
  t.match(text, /\| HLS +\| ≤ 1.00 × \| not measured \| \*\*missed\*\*/)
  t.match(text, '## HLS\n\n**Failed**: 3 of 200 players were refused. Its targets are missed.')
})

t.test('a competitor that took no part would not be named, or one that did', async t => {
  t.match(page(run), /^\*\*Left out\*\*.*: MediaMTX \(`MEDIAMTX_BIN`\)\.$/m)
  const both = planOf(false, { GO2RTC_BIN: '/a', MEDIAMTX_BIN: '/b' })
  t.notMatch(page({ ...run, plan: both }), 'Left out')
})

t.test('a quick run would pass for a measurement', async t => {
  t.match(page({ ...run, plan: planOf(true, {}) }), '1 round and does less (`--quick`)')
})

t.test('a plot has a line with its points inside its frame, and its text is escaped', async t => {
  const svg = drawPlot(plot)
  t.match(svg, 'RSS &lt; 1 &amp; more')
  const [, points = ''] = /polyline points="([^"]+)"/.exec(svg) ?? []
  const [left, right] = points.split(' ').map(point => point.split(',').map(Number)) as [number[], number[]]
  t.ok(left[0]! < right[0]! && right[0]! <= 720, 'from left to right')
  t.ok(left[1]! < right[1]! && right[1]! < 360, 'less is lower')
  t.match(drawPlot({ ...plot, lines: [] }), /<\/svg>/, 'nothing to draw')
})
