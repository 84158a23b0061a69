import t from 'tap'
import { runServer } from '../../bench/process/server.ts'
import { chart } from '../../bench/soak/chart.ts'
import { soak } from '../../bench/soak/run.ts'
import { slope } from '../../bench/soak/slope.ts'
import { WAYS } from '../../bench/soak/streams.ts'
import { complaints, table } from '../../bench/soak/verdict.ts'
import { bundledServer } from '../support/bundled-server.ts'

t.setTimeout(240_000)

/** With the start and the rest afterwards about a minute; slower leaks need `npm run soak`. */
const SECONDS = 45
/** Megabytes for each 10,000 operations. Warming up still shows in so short a time: 7. The long run has 0.3, planted leaks 1,000 and more. */
const SLOPE_MB = 20
/** Unreclaimable megabytes at most: it is more than the house of docs/memory.md, which takes 60. */
const PEAK_MB = 70

t.test('everything at once for a while leaves something behind', async t => {
  const server = await bundledServer(t)
  const report = await soak({
    seconds: SECONDS,
    start: (go2rtc, env) => runServer(go2rtc, env, server),
  })
  t.comment(table(report))
  t.same(complaints(report, { slopeMb: SLOPE_MB }), [], `slope ${report.slopeMb}`)
  const { warm, peak, final } = report.unreclaimableMb
  t.ok(peak <= PEAK_MB, `${peak} MB that cannot be reclaimed`)
  t.ok(final < warm + 10, `${final} MB are left of ${warm}`)
  for (const status of ['2xx', '4xx']) t.ok(report.requests.byStatus[status], status)
  for (const way of WAYS) t.ok(report.streams[way], way)
  t.match(chart(report), /<polyline .* points="[\d., ]+"/)
})

t.test('the slope of a line is not its slope', async t => {
  t.equal(slope([]), 0)
  t.equal(slope([{ x: 1, y: 1 }]), 0)
  t.equal(slope([0, 1, 2, 3].map(x => ({ x, y: 5 + 2 * x }))), 2)
})
