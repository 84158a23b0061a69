import { join } from 'node:path'
import t, { type Test } from 'tap'
import { openDatabase } from '../../src/database/file/open.ts'
import { toCsv } from '../../src/history/csv.ts'
import { FIELDS, type Sample } from '../../src/history/fields.ts'
import { History, type Hour } from '../../src/history/history.ts'
import { HourStore } from '../../src/history/hour-store.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const START = Date.UTC(2026, 0, 1)

const sample = (rss: number): Sample => ({
  ...(Object.fromEntries(FIELDS.map(field => [field, 0])) as Record<(typeof FIELDS)[number], number>),
  rss_mb: rss,
})

async function opened(t: Test) {
  const path = join(await temporaryFolder(t), 'camgate.db')
  const database = await openDatabase({ path, connections: 2, waitMs: 10_000 })
  t.teardown(() => database.close())
  return database
}

t.test('a month of samples grows beyond its rings, or loses what it should keep', async t => {
  const hours: Hour[] = []
  const history = new History(15_000, hour => hours.push(hour))
  for (let at = START; at < START + 40 * 24 * HOUR; at += 15_000)
    history.add(at, sample(70 + (((at - START) / HOUR) % 2)))
  t.equal(history.columns('1h').time.length, 240)
  t.equal(history.columns('24h').time.length, 24 * 60 + 1, 'with the minute that is under way')
  const month = history.columns('30d')
  t.equal(month.time.length, 30 * 24 + 1)
  t.equal(month.time[1]! - month.time[0]!, 3600)
  t.equal(month.interval_seconds, 3600)
  t.ok(month.series.rss_mb.min[0]! < month.series.rss_mb.mean[0]!)
  t.ok(month.series.rss_mb.mean[0]! < month.series.rss_mb.max[0]!)
  t.equal(hours.length, 40 * 24 - 1)
})

t.test('a peak between two points of a chart is lost', async t => {
  const history = new History(15_000, () => {})
  for (let i = 0; i < 241; i++) history.add(START + i * 15_000, sample(i === 100 ? 123 : 70))
  const { series, time } = history.columns('24h')
  t.equal(Math.max(...series.rss_mb.max.map(Number)), 123)
  t.equal(series.rss_mb.min[25], 70)
  t.equal(series.rss_mb.mean[25], 83.25)
  t.equal(time.length, 61)
})

t.test('an hour is lost in a restart, or its marks are', async t => {
  const database = await opened(t)
  const store = new HourStore(database)
  const writes: Promise<void>[] = []
  const first = new History(15_000, hour => writes.push(store.write(hour)))
  first.add(START, sample(70))
  first.mark({ at: START + 1, what: 'start' })
  first.add(START + HOUR, sample(80))
  first.mark({ at: START + HOUR + 5, what: 'memory trimmed' })
  first.close()
  await Promise.all(writes)

  const second = new History(15_000, () => {})
  second.restore(await store.read())
  second.add(START + HOUR + 10 * MINUTE, sample(60))
  second.mark({ at: START + HOUR + 10 * MINUTE, what: 'start' })
  const { time, series, marks } = second.columns('30d')
  t.same(
    time.map(at => at * 1000 - START),
    [0, HOUR, HOUR + 10 * MINUTE],
  )
  t.same(series.rss_mb.mean, [70, 80, 60])
  t.same(
    marks.map(({ what }) => what),
    ['start', 'memory trimmed', 'start'],
  )
})

t.test('the table of hours grows without end', async t => {
  const database = await opened(t)
  const store = new HourStore(database)
  const spread = FIELDS.flatMap(() => [1, 2, 3])
  for (let i = 0; i < 730; i++) await store.write({ at: START + i * MINUTE, spread, marks: [] })
  t.equal((await store.read()).length, 720)
  const count = await database.read(db =>
    db
      .selectFrom('memory_hours')
      .select(({ fn }) => fn.countAll().as('rows'))
      .executeTakeFirstOrThrow(),
  )
  t.equal(count.rows, 720)
  await store.write({ at: START + 40 * 24 * HOUR, spread, marks: [] })
  t.equal((await store.read()).length, 1, 'what is older than thirty days goes')
})

t.test('the hours of an earlier version must not be lost in an upgrade', async t => {
  const database = await opened(t)
  const insert = (at: number, spread: unknown) =>
    database.write(db =>
      db
        .insertInto('memory_hours')
        .values({ at, spread: JSON.stringify(spread), marks: JSON.stringify([{ at, what: 'start' }]) })
        .execute(),
    )
  // Eleven fields without names, as they were before `unreclaimable_mb`: rss, heap, external, swap and so on.
  await insert(
    START,
    Array.from({ length: 33 }, (_, i) => i + 1),
  )
  await insert(START + HOUR, [1, 2, 3])
  await insert(START + 2 * HOUR, { rss_mb: [70, 71, 72], of_a_later_version: [1, 2, 3] })
  const store = new HourStore(database)
  const history = new History(15_000, () => {})
  history.restore(await store.read())
  const { time, series, marks } = history.columns('30d')
  t.same(
    time.map(at => at * 1000 - START),
    [0, 2 * HOUR],
    'a row in no form that is known is left out',
  )
  t.equal(marks.length, 2)
  t.same(series.rss_mb, { min: [1, 70], mean: [2, 71], max: [3, 72] })
  t.same(series.heap_mb.mean, [5, null])
  t.same(series.swap_mb.mean, [11, null])
  t.same(series.loop_utilization.max, [33, null])
  t.same(series.unreclaimable_mb.mean, [null, null], 'it was not sampled')
  t.match(toCsv(history.columns('30d')), '2026-01-01T00:00:00.000Z,,,,1,2,3,10,11,12,4,5,6,')
})

t.test('an hour must not be read otherwise than it was written', async t => {
  const store = new HourStore(await opened(t))
  const spread = FIELDS.flatMap((_, i) => [i, i + 0.25, i + 0.5])
  await store.write({ at: START, spread, marks: [] })
  t.same(await store.read(), [{ at: START, spread, marks: [] }])
})

t.test('the CSV is no table', async t => {
  const history = new History(15_000, () => {})
  history.add(START, sample(70.5))
  const lines = toCsv(history.columns('1h')).split('\r\n')
  t.equal(lines.length, 3)
  t.match(
    lines[0],
    /^time,unreclaimable_mb_min,unreclaimable_mb_mean,unreclaimable_mb_max,rss_mb_min,rss_mb_mean,rss_mb_max,swap_mb_min/,
  )
  t.match(lines[1], /^2026-01-01T00:00:00\.000Z,0,0,0,70\.5,70\.5,70\.5,0,/)
  t.equal(lines[0]!.split(',').length, lines[1]!.split(',').length)
})
