import { createServer } from 'node:http'
import t from 'tap'
import { within } from '../../src/system/within.ts'
import { startApp } from '../support/app.ts'
import { startLive } from '../support/live-server.ts'

t.test('a server that can serve is not ready, or needs a login to say so', async t => {
  const { origin } = await startLive(t)
  const reply = await fetch(`${origin}/ready`)
  t.equal(reply.status, 200)
  t.equal(reply.headers.get('cache-control'), 'no-store')
  t.same(await reply.json(), { status: 'ready', database: 'up', go2rtc: 'up', frigate: 'absent' })
})

t.test('upstreams that are down take the server out of service', async t => {
  const { origin } = await startApp(t, {
    GO2RTC_HOST: 'http://127.0.0.1:1',
    FRIGATE_HOST: 'http://127.0.0.1:1',
  })
  const reply = await fetch(`${origin}/ready`)
  t.equal(reply.status, 200)
  t.same(await reply.json(), { status: 'degraded', database: 'up', go2rtc: 'down', frigate: 'down' })
})

t.test('whoever asks often asks the upstreams as often, or is asked to wait for one that hangs', async t => {
  let asked = 0
  const hanging = createServer(({ url }) => {
    // The list of streams is asked for once at the start.
    if (url === '/api') asked++
  }).listen(0, '127.0.0.1')
  await new Promise(resolve => hanging.once('listening', resolve))
  t.teardown(() => {
    hanging.closeAllConnections()
    hanging.close()
  })
  const { port } = hanging.address() as { port: number }
  const { origin } = await startApp(t, { GO2RTC_HOST: `http://127.0.0.1:${port}`, FRIGATE_HOST: 'none' })
  const replies = await Promise.all(
    Array.from({ length: 50 }, async () => (await fetch(`${origin}/ready`)).json()),
  )
  for (const reply of replies) t.match(reply, { status: 'degraded', go2rtc: 'down' })
  t.equal(asked, 1)
})

t.test('a database that does not answer leaves the server in service', async t => {
  const { app, origin } = await startApp(t, { FRIGATE_HOST: 'none', GO2RTC_HOST: 'http://127.0.0.1:1' })
  app.database.close()
  const reply = await fetch(`${origin}/ready`)
  t.equal(reply.status, 503)
  t.match(await reply.json(), { status: 'not ready', database: 'down' })
})

t.test('what comes in time is replaced', async t => {
  t.equal(await within(10_000, Promise.resolve(1), 2), 1)
  t.equal(await within(1, new Promise<number>(() => {}), 2), 2)
})
