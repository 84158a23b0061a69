import t, { type Test } from 'tap'
import { nextStage } from '../../src/watchdog/stage.ts'
import { type ThresholdSettings, thresholdsOf } from '../../src/watchdog/thresholds.ts'
import { Watchdog, type WatchdogOptions } from '../../src/watchdog/watchdog.ts'

const MIB = 1024 * 1024
const MINUTE = 60_000
const SETTINGS: ThresholdSettings = {
  limitBytes: 0,
  trimBytes: 0,
  shedBytes: 0,
  restartBytes: 0,
  trimSwapBytes: 30 * MIB,
  restartSwapBytes: 100 * MIB,
}
const thresholds = thresholdsOf(SETTINGS, 128 * MIB)
/** Mapped files come on top: nothing may follow from them. */
const load = (unreclaimable: number, swap = 0) => ({
  unreclaimable: unreclaimable * MIB,
  rss: (unreclaimable + 500) * MIB,
  swap: swap * MIB,
})

/** A watchdog on a clock and readings of the test's own; `relief` is what trimming frees, in MB. */
function watched(_t: Test, options: Partial<WatchdogOptions> = {}, relief = 0) {
  const state = {
    now: 60 * MINUTE,
    uptime: 60 * MINUTE,
    mb: 70,
    swapMb: 0,
    strained: false,
    restarts: 0,
    backlogged: 0,
  }
  const calls: string[] = []
  const reports: string[] = []
  const watchdog = new Watchdog(
    { thresholds, supervised: true, ...options },
    {
      now: () => state.now,
      uptime: () => state.uptime,
      read: () => load(state.mb, state.swapMb),
      trim: async () => {
        calls.push('trim')
        state.mb -= relief
        return 3
      },
      strain: on => {
        calls.push(on ? 'strain' : 'relax')
        state.strained = on
      },
      disconnect: () => {
        const gone = Math.min(state.backlogged, 2)
        state.backlogged -= gone
        return gone
      },
      restart: () => {
        calls.push('restart')
      },
      report: message => {
        reports.push(message)
      },
    },
  )
  const look = async (mb: number, swapMb = 0) => {
    Object.assign(state, { mb, swapMb, now: state.now + 15_000, uptime: state.uptime + 15_000 })
    await watchdog.look(load(mb, swapMb))
  }
  return { watchdog, state, calls, reports, look }
}

t.test('the thresholds of a container of 128 MB are others than documented', async t => {
  t.same(
    [thresholds.trim, thresholds.shed, thresholds.restart].map(bytes => bytes / MIB),
    [94, 104, 118],
  )
  t.equal(thresholdsOf(SETTINGS, undefined).trim / MIB, 376, 'without a limit, of 512 MB')
  t.equal(thresholdsOf({ ...SETTINGS, limitBytes: 256 * MIB }, 128 * MIB).shed / MIB, 208)
  t.throws(() => thresholdsOf({ ...SETTINGS, trimBytes: 110 * MIB }, 128 * MIB), {
    code: 'BAD_SETTING',
    message: /MEMORY_TRIM_MB="110" is not usable: less than MEMORY_SHED_MB, which is 104/,
  })
})

t.test('a stage flaps at its threshold', async t => {
  t.equal(nextStage(load(93.9), 'normal', thresholds), 'normal')
  t.equal(nextStage(load(94), 'normal', thresholds), 'trim')
  t.equal(nextStage(load(92), 'trim', thresholds), 'trim')
  t.equal(nextStage(load(89), 'trim', thresholds), 'normal')
  t.equal(nextStage(load(100), 'shed', thresholds), 'shed')
  t.equal(nextStage(load(98), 'shed', thresholds), 'trim')
  t.equal(nextStage(load(115), 'restart', thresholds), 'restart')
  t.equal(nextStage(load(60, 31), 'normal', thresholds), 'trim', 'swap counts as well')
  t.equal(nextStage(load(60, 29), 'trim', thresholds), 'trim')
  t.equal(nextStage(load(60, 101), 'normal', thresholds), 'restart')
  t.equal(nextStage(load(60), 'restart', thresholds), 'normal')
})

t.test('a healthy process is touched', async t => {
  const { watchdog, calls, look } = watched(t)
  for (let i = 0; i < 1000; i++) await look(60 + (i % 34))
  t.same(calls, [])
  t.same(watchdog.counts, { trim: 0, shed: 0, restart: 0 })
  t.match(watchdog.describe(), { stage: 'normal', last_actions: [] })
})

t.test('trimming is done over and over, or not told', async t => {
  const { watchdog, calls, look, reports } = watched(t, {}, 10)
  await look(95)
  t.same(calls, ['trim'])
  for (let i = 0; i < 3; i++) await look(95)
  t.same(calls, ['trim'], 'not again within a minute')
  await look(95)
  t.same(calls, ['trim', 'trim'])
  const { last_actions } = watchdog.describe()
  t.match(last_actions[0], { action: 'trim', released: 3, before: load(95), after: load(85) })
  t.same(reports, ['memory stage trim', 'memory trimmed', 'memory trimmed'])
})

t.test('new viewers are let in while memory is short, or kept out for ever', async t => {
  const { watchdog, state, look } = watched(t)
  state.backlogged = 3
  await look(105)
  t.equal(state.strained, true)
  t.equal(state.backlogged, 1)
  await look(105)
  t.equal(state.backlogged, 0)
  await look(100)
  t.equal(state.strained, true)
  await look(96)
  t.equal(state.strained, false)
  t.equal(watchdog.describe().stage, 'trim')
  t.same(watchdog.counts, { trim: 1, shed: 3, restart: 0 })
})

t.test('the process restarts for a peak, or does not when nothing else helps', async t => {
  const { watchdog, calls, look } = watched(t)
  for (let i = 0; i < 3; i++) await look(120)
  await look(100)
  for (let i = 0; i < 3; i++) await look(120)
  t.notOk(calls.includes('restart'))
  await look(120)
  t.equal(calls.at(-1), 'restart')
  await look(120)
  t.equal(watchdog.counts.restart, 1, 'it is asked for once')
})

t.test('swap alone restarts a process that it does not slow down, or never', async t => {
  const { calls, look } = watched(t)
  for (let i = 0; i < 10; i++) await look(60, 99)
  t.notOk(calls.includes('restart'))
  for (let i = 0; i < 4; i++) await look(60, 101)
  t.ok(calls.includes('restart'))
})

t.test('a restart is called for although trimming has helped', async t => {
  const { calls, state, look, watchdog } = watched(t)
  for (let i = 0; i < 3; i++) await look(120)
  Object.assign(state, { mb: 90, now: state.now + 60_000 })
  await watchdog.look(load(120))
  t.notOk(calls.includes('restart'), 'what is read afterwards counts')
})

t.test('a process that nobody starts again ends itself', async t => {
  const { calls, look, state, reports } = watched(t, { supervised: false })
  for (let i = 0; i < 20; i++) await look(120)
  t.notOk(calls.includes('restart'))
  t.equal(state.strained, true, 'it keeps shedding')
  t.equal(reports.filter(line => line.includes('SUPERVISED')).length, 1, 'and says so once')
})

t.test('restarts follow each other within a quarter of an hour', async t => {
  const { calls, look, state } = watched(t)
  state.uptime = 10 * MINUTE
  for (let i = 0; i < 18; i++) await look(120)
  t.ok(state.uptime < 15 * MINUTE)
  t.notOk(calls.includes('restart'))
  state.uptime = 15 * MINUTE
  await look(120)
  t.ok(calls.includes('restart'))
})

t.test(
  'a clock that is set forward restarts a young process, one that is set back ends trimming',
  async t => {
    const { calls, look, state } = watched(t)
    state.uptime = MINUTE
    for (let i = 0; i < 5; i++) await look(120)
    state.now += 60 * MINUTE
    await look(120)
    t.notOk(calls.includes('restart'))
    const before = calls.filter(call => call === 'trim').length
    state.now -= 300 * MINUTE
    for (let i = 0; i < 5; i++) await look(120)
    t.ok(calls.filter(call => call === 'trim').length > before)
  },
)

t.test('what is kept of the actions grows', async t => {
  const { watchdog, look, state } = watched(t)
  for (let i = 0; i < 200; i++) {
    state.uptime += MINUTE
    await look(95)
  }
  t.equal(watchdog.counts.trim, 200)
  t.equal(watchdog.describe().last_actions.length, 20)
})
