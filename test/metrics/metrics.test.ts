import { readFileSync } from 'node:fs'
import t from 'tap'
import { byLabel, expose } from '../../src/metrics/exposition.ts'
import { Histogram } from '../../src/metrics/histogram.ts'
import { HttpMetrics } from '../../src/metrics/http-metrics.ts'
import { startLive, TestPlayer } from '../support/live-server.ts'
import { until } from '../support/until.ts'

t.test('the text is not what Prometheus reads', async t => {
  const histogram = new Histogram([1, 5])
  for (const value of [0.5, 1, 3, 100]) histogram.observe(value)
  const text = expose([
    { name: 'a', help: 'A', type: 'gauge', readings: byLabel('k', { 'x"\\\n': 1.5 }) },
    { name: 'h', help: 'H', type: 'histogram', readings: histogram.readings() },
  ])
  t.equal(
    text,
    [
      '# HELP a A',
      '# TYPE a gauge',
      String.raw`a{k="x\"\\\n"} 1.5`,
      '# HELP h H',
      '# TYPE h histogram',
      'h_bucket{le="1"} 2',
      'h_bucket{le="5"} 3',
      'h_bucket{le="+Inf"} 4',
      'h_sum 104.5',
      'h_count 4',
      '',
    ].join('\n'),
  )
})

t.test('addresses that strangers make up become series', async t => {
  const http = new HttpMetrics()
  for (let i = 0; i < 1000; i++) http.count(`VERB${i}`, undefined, 400 + (i % 100), 0.001)
  http.count('GET', '/api/camera/:id/snapshot', 200, 0.2)
  const text = expose(http.metrics())
  t.equal(text.match(/^camgate_http_requests_total/gm)?.length, 2)
  t.match(text, 'camgate_http_requests_total{method="other",route="none",status="4xx"} 1000')
})

t.test('metrics are there for everybody, or not for whoever has the token', async t => {
  const closed = await startLive(t)
  t.equal((await fetch(`${closed.origin}/metrics`)).status, 404)

  const { origin, user } = await startLive(t, { env: { METRICS_TOKEN: 'a-long-secret' } })
  const ask = (authorization?: string) =>
    fetch(`${origin}/metrics`, { headers: authorization === undefined ? {} : { authorization } })
  t.equal((await ask()).status, 404)
  t.equal((await ask('Bearer other')).status, 404)
  t.equal((await ask(`Bearer ${user.token}`)).status, 404)

  const player = await new TestPlayer(`${origin}/api/ws?src=Garage&token=${user.token}`).opened()
  player.say('mse', 'avc1.640029,mp4a.40.2')
  await until(() => player.media.length > 2)
  const reply = await ask('Bearer a-long-secret')
  t.equal(reply.headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8')
  const text = await reply.text()
  for (const line of text.split('\n').filter(Boolean))
    t.match(line, /^(# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\{([a-z]+="[^"]*",?)+\})? -?[0-9.e+-]+)$/)
  t.match(text, /^camgate_streams 1$/m)
  t.match(text, /^camgate_viewers\{kind="websocket"\} 1$/m)
  t.match(text, /^camgate_first_frame_seconds_count 1$/m)
  t.match(text, /^camgate_up\{what="go2rtc"\} 1$/m)
  t.match(text, /^camgate_http_requests_total\{method="POST",route="\/api\/auth\/login",status="2xx"\} 1$/m)
  t.match(text, /^camgate_logins_total\{result="succeeded"\} 1$/m)
  t.match(text, /^camgate_logins_total\{result="failed"\} 0$/m)
  t.match(text, /^process_resident_memory_bytes \d+$/m)
  t.match(text, /^camgate_watchdog_actions_total\{action="trim"\} 0$/m)
  t.ok(Number(/^camgate_live_received_bytes_total (\d+)$/m.exec(text)?.[1]) > 0)
  player.ws.close()
})

t.test('the port of the metrics serves anything else, or stays when the server goes', async t => {
  const { app } = await startLive(t, { env: { METRICS_PORT: '0' } })
  const metrics = `http://127.0.0.1:${app.metrics.port}`
  t.match(await (await fetch(`${metrics}/metrics`)).text(), 'camgate_streams 0')
  t.equal((await fetch(`${metrics}/api/cameras`)).status, 404)
  t.equal((await fetch(`${metrics}/metrics`, { method: 'POST' })).status, 404)
  await app.close()
  await t.rejects(fetch(`${metrics}/metrics`))
})

t.test('a restart is seen where there was none', async t => {
  const { app } = await startLive(t, { env: { METRICS_TOKEN: 'a-long-secret' } })
  const started = async () => /^process_start_time_seconds (.+)$/m.exec(await app.metrics.text())?.[1]
  const first = await started()
  t.ok(first)
  for (let i = 0; i < 20; i++) {
    await new Promise(resolve => setTimeout(resolve, 3))
    t.equal(await started(), first)
  }
})

t.test('an alert or a panel asks for a metric that is not there', async t => {
  const read = (name: string) => readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8')
  const sources = ['plugins/process/metrics.ts', 'src/metrics/http-metrics.ts'].map(read).join('')
  const asked = ['docs/alerts.yaml', 'docs/grafana.json']
    .map(read)
    .join('')
    .match(/\b(camgate|process)_[a-z_]+/g)
  t.ok(asked && asked.length > 10)
  for (const name of new Set(asked)) t.match(sources, `'${name.replace(/_(bucket|sum|count)$/, '')}'`, name)
})
