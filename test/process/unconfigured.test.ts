import { join } from 'node:path'
import t from 'tap'
import { startApp } from '../support/app.ts'
import { callsOf } from '../support/calls.ts'
import { upgradeStatus } from '../support/live-server.ts'
import { serve } from '../support/serve.ts'
import { signIn } from '../support/sign-in.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { until } from '../support/until.ts'

const NOBODY = { GO2RTC_HOST: 'http://127.0.0.1:9', FRIGATE_HOST: 'http://127.0.0.1:9' }
const ENDLESS = /\/events\/stream/

const complaints = (output: string) =>
  output
    .split('\n')
    .filter(line => line.startsWith('{'))
    .map(line => JSON.parse(line) as { level: number; msg: string; err?: unknown })
    .filter(({ level }) => level >= 40)

t.test(
  'without go2rtc and Frigate the log must not be filled: one warning each, whatever is asked',
  async t => {
    const { routes } = await startApp(t, NOBODY)
    const { origin, output } = await serve(t, {
      ...NOBODY,
      DATABASE_PATH: join(await temporaryFolder(t), 'camgate.db'),
      API_REQUESTS_PER_MINUTE: '1000000',
    })
    await until(() => complaints(output()).length === 2)
    const { token, request } = await signIn(origin)
    const calls = callsOf(routes, {
      params: ['Garage', '1700000000.000000-abcdef'],
      queries: ['', '?src=Garage', '?after=1700000000&before=1700000600'],
    })
    const failed = new Set<string>()
    for (const { method, path, websocket } of calls) {
      if (method !== 'GET' || ENDLESS.test(path)) continue
      const status = websocket
        ? await upgradeStatus(`${origin}${path}${path.includes('?') ? '&' : '?'}token=${token}`)
        : await request(path).then(async reply => {
            await reply.arrayBuffer()
            return reply.status
          })
      if (status > 500) failed.add(path)
      if (status === 500) t.fail(`${path} answered 500`)
    }
    t.ok(failed.size > 30, `${failed.size} calls failed for want of an upstream`)
    t.same(
      complaints(output())
        .map(({ msg }) => msg)
        .sort(),
      [
        'Frigate cannot be reached (ECONNREFUSED) (FRIGATE_HOST=http://127.0.0.1:9)',
        'go2rtc cannot be reached: connect ECONNREFUSED … (GO2RTC_HOST=http://127.0.0.1:9)',
      ],
    )
    t.notMatch(output(), /"stack"/)
  },
)
