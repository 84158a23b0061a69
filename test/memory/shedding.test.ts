import t from 'tap'
import { startLive, TestPlayer, upgradeStatus } from '../support/live-server.ts'
import { until } from '../support/until.ts'

t.test('a server that is short of memory lets viewers in, or throws out those that keep up', async t => {
  const { app, origin, user } = await startLive(t)
  const query = `src=Garage&token=${user.token}`
  const player = await new TestPlayer(`${origin}/api/ws?${query}`).opened()
  player.say('mse', 'avc1.640029,mp4a.40.2')
  await until(() => player.media.length > 2)

  const { shed } = app.memory.thresholds
  await app.watchdog.look({ unreclaimable: shed, rss: 0, swap: 0 })
  const refused = await fetch(`${origin}/api/camera/Garage/stream.mp4?token=${user.token}`)
  t.equal(refused.status, 503)
  t.equal(refused.headers.get('retry-after'), '30')
  t.match(await refused.json(), { code: 'LIVE_OVERLOADED', error: /short of memory/ })
  t.equal(await upgradeStatus(`${origin}/api/ws?${query}`), 503)
  const warm = (camera: string) => user.request(`/api/cameras/${camera}/start-stream`, { method: 'POST' })
  t.equal((await warm('Garage')).status, 200, 'what is open already costs nothing more')
  t.equal((await warm('Driveway')).status, 503, 'nor is a stream opened for nobody')
  const before = player.media.length
  await until(() => player.media.length > before + 2)

  await app.watchdog.look({ unreclaimable: 0, rss: shed, swap: 0 })
  t.equal(await upgradeStatus(`${origin}/api/ws?${query}`), 101)
  const seen = await (await user.request('/api/debug/memory')).json()
  t.match(seen, {
    watchdog: {
      stage: 'normal',
      counts: { trim: 1, restart: 0 },
      last_actions: [{ action: 'shed' }, { action: 'trim', before: { unreclaimable: shed } }],
    },
  })
  player.ws.close()
})
