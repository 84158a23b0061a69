import t, { type Test } from 'tap'
import { leftOut, planOf } from '../../bench/suite/plan.ts'
import { type Measurement, section } from '../../bench/suite/section.ts'

const plan = planOf(false, {})
const rounds = Array.from({ length: plan.rounds }, (_, round) => round + 1)

/** What went wrong is told on the console as well. */
function quietly(t: Test): void {
  const error = console.error
  console.error = () => {}
  t.teardown(() => {
    console.error = error
  })
}

const works: Measurement<number> = {
  title: 'Anything',
  targets: () => [
    { what: 'kept', is: 'at most', limit: 99, unit: 'ms', of: round => round },
    { what: 'not kept', is: 'at most', limit: 0, unit: 'ms', of: round => round },
  ],
  measure: async () => rounds,
  tables: measured => [{ title: 'Rounds', columns: measured.map(String), rows: [] }],
}

t.test('a section judges its targets by its rounds', async t => {
  const outcome = await section(works).run(plan)
  t.match(outcome, { title: 'Anything', rounds, failed: undefined })
  t.same(
    outcome.verdicts.map(({ met }) => met),
    [true, false],
  )
  t.equal(outcome.tables[0]!.columns.length, plan.rounds)
})

t.test('a section that fails would keep figures, or lose its targets', async t => {
  quietly(t)
  const failing: Partial<Measurement<number>>[] = [
    {
      measure: async () => {
        throw new Error('a viewer was not served')
      },
    },
    {
      tables: () => {
        throw new Error('a viewer was not served')
      },
    },
  ]
  for (const part of failing) {
    const outcome = await section({ ...works, ...part }).run(plan)
    t.match(outcome, { failed: 'a viewer was not served', rounds: [], tables: [], plots: [] })
    t.match(outcome.verdicts, [
      { what: 'kept', met: false, figure: undefined },
      { what: 'not kept', met: false, figure: undefined },
    ])
  }
})

t.test('a section that left out a round, or had one more, would count', async t => {
  quietly(t)
  for (const measured of [rounds.slice(1), [...rounds, 5], []]) {
    const outcome = await section({ ...works, measure: async () => measured }).run(plan)
    t.equal(outcome.failed, `${measured.length} of ${plan.rounds} rounds were measured`)
    t.same(
      outcome.verdicts.map(({ met }) => met),
      [false, false],
    )
  }
})

t.test('a competitor that is not there would be measured, or not be named', async t => {
  const needy = section({ ...works, needs: 'GO2RTC_BIN' })
  t.equal(needy.isIn(plan), false)
  t.equal(needy.isIn(planOf(false, { GO2RTC_BIN: '/go2rtc' })), true)
  t.equal(needy.isIn(planOf(false, { GO2RTC_BIN: '' })), false)
  t.same(leftOut(planOf(false, { GO2RTC_BIN: '/go2rtc' })), ['MediaMTX (`MEDIAMTX_BIN`)'])
  t.same(leftOut(planOf(false, { GO2RTC_BIN: '/a', MEDIAMTX_BIN: '/b' })), [])
})

t.test('--quick has one round of what is quick; a whole run has the same number of everything', async t => {
  const quick = planOf(true, {})
  t.equal(quick.rounds, 1)
  t.ok(plan.rounds > 1)
  t.equal(section(works).isIn(quick), true)
  t.equal(section({ ...works, slow: true }).isIn(quick), false)
  t.equal(section({ ...works, slow: true }).isIn(plan), true)
})
