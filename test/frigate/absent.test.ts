import { join } from 'node:path'
import t from 'tap'
import { serve } from '../support/serve.ts'
import { signIn } from '../support/sign-in.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

t.test('no Frigate: the PWA gets its empty answers, and the log one line', async t => {
  const { origin, output } = await serve(t, {
    FRIGATE_HOST: 'none',
    GO2RTC_HOST: 'http://127.0.0.1:9',
    DATABASE_PATH: join(await temporaryFolder(t), 'camgate.db'),
    LOG_LEVEL: 'info',
  })
  const { request } = await signIn(origin)
  for (let i = 0; i < 5; i++)
    for (const [path, empty] of [
      ['/api/events', []],
      ['/api/events/summary', { items: [] }],
      ['/api/frigate/cameras', {}],
    ] as const) {
      const reply = await request(path)
      t.equal(reply.status, 200)
      t.same(await reply.json(), empty)
      t.match(reply.headers.get('x-upstream-error'), /There is no Frigate/)
    }
  const lines = output()
    .split('\n')
    .filter(line => line.includes('There is no Frigate'))
  t.equal(lines.length, 1)
  t.notMatch(lines[0], /stack/)
})
