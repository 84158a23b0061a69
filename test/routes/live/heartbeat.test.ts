import { mock } from 'node:test'
import t from 'tap'
import { startLive, TestPlayer } from '../../support/live-server.ts'
import { until } from '../../support/until.ts'

t.test('WebSocket peers are not pinged every 30 s, or one that is gone without a word stays', async t => {
  mock.timers.enable({ apis: ['setInterval'] })
  const { app, origin, user } = await startLive(t).finally(() => t.teardown(() => mock.timers.reset()))
  const url = `${origin}/api/ws?src=Garage&token=${user.token}`
  const present = await new TestPlayer(url).opened()
  const silent = await new TestPlayer(url, {}, { autoPong: false }).opened()
  for (const player of [present, silent]) player.say('mse', 'avc1.640029,mp4a.40.2')
  await until(() => app.live.viewers === 2)

  /** What it sent before has arrived when it is answered: its pong, too. */
  const answered = async () => {
    const before = present.texts.length
    present.say('hls')
    await until(() => present.texts.length > before)
  }
  mock.timers.tick(29_999)
  await answered()
  t.equal(present.pings, 0)
  mock.timers.tick(1)
  await until(() => present.pings === 1 && silent.pings === 1)
  await answered()
  t.equal(app.live.viewers, 2, 'there is time to answer until the next one')

  mock.timers.tick(30_000)
  await until(() => silent.closed !== undefined && app.live.viewers === 1)
  await until(() => present.pings === 2)
  await answered()
  mock.timers.tick(30_000)
  await until(() => present.pings === 3)
  t.equal(present.closed, undefined, 'who answers stays')
})
