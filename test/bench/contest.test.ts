import t from 'tap'
import {
  atMost,
  type ContestRound,
  costTable,
  shareTable,
  together,
} from '../../bench/suite/contest/contest.ts'
import type { FanOutCost } from '../../bench/suite/contest/fan-out.ts'
import { type Scene, taskOf, total } from '../../bench/suite/contest/scene.ts'
import { verdict } from '../../bench/suite/page/verdict.ts'

const cost = (secondsPerGb: number): FanOutCost => ({
  secondsPerGb,
  withUpstream: secondsPerGb + 1,
  cpu: { server: 0.1, upstream: 0.2, drain: 0.3 },
  megabitsPerViewer: 4,
})
const rounds: ContestRound[] = [
  { one: { ours: cost(1), nginx: cost(4) }, two: { ours: cost(9) } },
  { one: { ours: cost(3), nginx: cost(4) }, two: { ours: cost(9) } },
  { one: { ours: cost(4), nginx: cost(8) }, two: { ours: cost(9) } },
]

t.test('a ratio would be one of medians, and not taken round by round', async t => {
  const target = atMost(0.5, 'ours', 'nginx', 'one')
  t.match(verdict(target, rounds), {
    what: 'one: ours, to nginx',
    figure: { low: 0.25, median: 0.5, high: 0.75 },
    met: true,
  })
  t.match(verdict(atMost(0.49, 'ours', 'nginx', 'one'), rounds), { met: false })
  const both = verdict(atMost(1, 'ours', 'nginx', 'one', together), rounds)
  t.same(both.figure, { low: 0.4, median: 5 / 9, high: 0.8 })
})

t.test('a target would be met where one of the two did not take part', async t => {
  t.match(verdict(atMost(99, 'ours', 'nginx', 'two'), rounds), { met: false, figure: undefined })
  t.match(verdict(atMost(99, 'ours', 'nginx', 'three'), rounds), { met: false, figure: undefined })
  const [first, ...others] = rounds
  const holed = [{ one: { nginx: first!.one!.nginx! } }, ...others]
  t.match(verdict(atMost(99, 'ours', 'nginx', 'one'), holed), { met: false, figure: undefined })
})

t.test('a table has a line for each task, and a dash where somebody took no part', async t => {
  t.match(costTable('Costs', rounds), {
    columns: ['', 'ours', 'nginx'],
    rows: [
      ['one', '3.00 (1.00–4.00)', '4.00 (4.00–8.00)'],
      ['two', '9.00', '–'],
    ],
  })
  t.same(shareTable(rounds).rows[1], ['two', '0.100 / 0.200 / 0.300', '–'])
})

t.test('scenes are called by what a person would say', async t => {
  const scene: Scene = { transport: 'mp4', cameras: 9, viewers: 4 }
  t.equal(taskOf(scene), 'MP4, 9 cameras × 4 viewers')
  t.equal(taskOf({ ...scene, viewers: 1 }), 'MP4, 9 cameras × 1 viewer')
  t.equal(taskOf({ transport: 'websocket', cameras: 1, viewers: 10 }), 'WebSocket, 10 viewers')
  t.equal(total(scene), 36)
})
