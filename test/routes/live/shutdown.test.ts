import t from 'tap'
import { startLive, TestPlayer } from '../../support/live-server.ts'
import { until } from '../../support/until.ts'

t.test('live viewers on every route hold up the shutdown, or leave something behind', async t => {
  const { go2rtc, app, origin, user } = await startLive(t)
  const query = `src=Garage&token=${user.token}`
  const player = await new TestPlayer(`${origin}/api/ws?${query}`).opened()
  player.say('mse', 'avc1.640029,mp4a.40.2')
  const pictures = await new TestPlayer(`${origin}/live/mse/api/ws?${query}`).opened()
  pictures.say('mjpeg')
  const replies = await Promise.all(
    [
      `/api/camera/Garage/stream.mp4?${query}`,
      `/api/go2rtc/mse/Garage?${query}`,
      `/api/go2rtc/stream.mjpeg?${query}`,
    ].map(async path => {
      const reader = (await fetch(origin + path)).body!.getReader()
      await reader.read()
      // Node's fetch fails an assertion when a connection ends whose bytes nobody takes.
      return { ended: readToEnd(reader) }
    }),
  )
  await until(() => player.media.length > 2 && pictures.media.length > 1)
  t.equal(app.viewers.size, 5)

  const begun = performance.now()
  await app.close()
  const took = performance.now() - begun
  t.ok(took < 5000, `close took ${took} ms`)
  await until(() => player.closed !== undefined && pictures.closed !== undefined)
  t.equal(player.closed!.code, 1012)
  for (const { ended } of replies) await ended
  t.equal(app.viewers.size, 0)
  t.equal(app.live.budget.used, 0)
  await until(() => go2rtc.connections === 0)
  t.equal(go2rtc.stream('Garage').consumers.size, 0)
})

async function readToEnd(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
  try {
    while (!(await reader.read()).done);
  } catch {
    // Cut off.
  }
}

t.test('a viewer that leaves at any moment leaves its upstream connection or its bytes behind', async t => {
  const { go2rtc, app, origin, user } = await startLive(t, { env: { LIVE_LINGER_SECONDS: '0' } })
  for (let i = 0; i < 30; i++) {
    const stop = new AbortController()
    const path = i % 2 ? '/api/camera/Garage/stream.mp4' : '/api/go2rtc/stream.mjpeg'
    const reply = fetch(`${origin}${path}?src=Garage&token=${user.token}`, { signal: stop.signal }).then(
      reply => reply.body!.getReader().read(),
    )
    setTimeout(() => stop.abort(), i * 2)
    await reply.catch(() => {})
    const player = new TestPlayer(`${origin}/api/ws?src=Garage&token=${user.token}`)
    player.ws.once('open', () => player.say('mse', 'avc1.640029'))
    setTimeout(() => player.ws.terminate(), i)
    await until(() => player.closed !== undefined)
    stop.abort()
  }
  await until(() => app.viewers.size === 0 && app.live.viewers === 0)
  await until(() => go2rtc.stream('Garage').consumers.size === 0)
  await until(() => app.live.budget.used === 0)
  await until(() => [...app.live.hubs()].length === 0)
})
