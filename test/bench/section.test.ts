import t, { type Test } from 'tap'
import { leftOut, planOf } from '../../bench/suite/plan.ts'
import { type Measurement, section, sectionsOf } from '../../bench/suite/section.ts'

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

const sections = {
  always: section({ ...works, title: 'always' }),
  slow: section({ ...works, title: 'slow', slow: true }),
  needy: section({ ...works, title: 'needy', needs: 'GO2RTC_BIN' }),
}
const titles = (of: typeof plan, named: readonly string[] = []) =>
  sectionsOf(of, sections, named).map(({ title }) => title)

t.test('a competitor that is not there would be measured, or not be named', async t => {
  t.same(titles(plan), ['always', 'slow'])
  t.same(titles(plan, ['needy', 'slow']), ['slow'])
  t.same(titles(planOf(false, { GO2RTC_BIN: '' })), ['always', 'slow'])
  t.same(titles(planOf(false, { GO2RTC_BIN: '/go2rtc' })), ['always', 'slow', 'needy'])
  t.same(leftOut(planOf(false, { GO2RTC_BIN: '/go2rtc' })), ['MediaMTX (`MEDIAMTX_BIN`)'])
  t.same(leftOut(planOf(false, { GO2RTC_BIN: '/a', MEDIAMTX_BIN: '/b' })), [])
})

t.test('--quick has one round of what is quick; a whole run has the same number of everything', async t => {
  const quick = planOf(true, {})
  t.equal(quick.rounds, 1)
  t.ok(plan.rounds > 1)
  t.same(titles(quick), ['always'])
  t.same(titles(quick, ['slow']), ['slow'], 'it was asked for')
})

t.test('a section that does not exist would be left out', async t => {
  t.same(titles(plan, ['slow']), ['slow'])
  t.throws(() => titles(plan, ['slow', 'fast']), { message: 'no fast; there are always, slow, needy' })
})
