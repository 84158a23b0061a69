import t from 'tap'
import { runServer } from '../../bench/process/server.ts'
import { slope } from '../../bench/slope.ts'
import { chart } from '../../bench/soak/chart.ts'
import { soak } from '../../bench/soak/run.ts'
import { WAYS } from '../../bench/soak/streams.ts'
import { complaints, table } from '../../bench/soak/verdict.ts'

t.setTimeout(240_000)

/** With the start and the rest afterwards about a minute; slower leaks need `npm run soak`. */
const SECONDS = 45

t.test('everything at once for a while leaves something behind', async t => {
  const report = await soak({
    seconds: SECONDS,
    start: (go2rtc, env) => runServer(go2rtc, env, 'server.ts'),
  })
  t.comment(table(report))
  // In so short a time warming up still shows; the long run has the strict limit, planted leaks are at 1,000 and more.
  t.same(complaints(report, { slopeMb: 50 }), [], `slope ${report.slopeMb}`)
  t.ok(report.rssMb.final < report.rssMb.warm + 20, JSON.stringify(report.rssMb))
  for (const status of ['2xx', '4xx']) t.ok(report.requests.byStatus[status], status)
  for (const way of WAYS) t.ok(report.streams[way], way)
  t.match(chart(report), /<polyline .* points="[\d., ]+"/)
})

t.test('the slope of a line is not its slope', async t => {
  t.equal(slope([]), 0)
  t.equal(slope([{ x: 1, y: 1 }]), 0)
  t.equal(slope([0, 1, 2, 3].map(x => ({ x, y: 5 + 2 * x }))), 2)
})
