import t from 'tap'
import { startApp } from '../support/app.ts'

const SAMPLES = 300

t.test('the sampler takes a thousandth of a core', async t => {
  const { app } = await startApp(t, { FRIGATE_HOST: 'none', GO2RTC_HOST: 'http://127.0.0.1:1' })
  for (let i = 0; i < 20; i++) app.history.sample()
  const before = process.cpuUsage()
  for (let i = 0; i < SAMPLES; i++) {
    app.history.sample()
    await app.watchdog.look({ unreclaimable: 0, rss: 0, swap: 0 })
  }
  const { user, system } = process.cpuUsage(before)
  const each = (user + system) / 1000 / SAMPLES
  const share = each / app.config.memory.sampleMs
  t.comment(`${each.toFixed(2)} ms of CPU a sample, ${(share * 100).toFixed(4)} % of a core`)
  t.ok(share < 0.001)
})
