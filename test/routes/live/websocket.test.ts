import t from 'tap'
import { received } from '../../support/live-footage.ts'
import { startLive, TestPlayer, upgradeStatus } from '../../support/live-server.ts'
import { until } from '../../support/until.ts'

const CODECS = 'avc1.640029,avc1.64002A,avc1.640033,hvc1.1.6.L153.B0,mp4a.40.2,mp4a.40.5,flac,opus'

for (const path of ['/api/ws', '/live/mse/api/ws'])
  t.test(`${path}: a stock player gets something else than go2rtc would send`, async t => {
    const { go2rtc, origin, user } = await startLive(t)
    const player = await new TestPlayer(`${origin}${path}?src=Garage&token=${user.token}`).opened()
    player.say('mse', CODECS)
    await until(() => player.media.length > 20)
    t.match(player.texts[0], {
      type: 'mse',
      value: /^video\/mp4; codecs="avc1\.[0-9a-fA-F]{6},mp4a\.40\.2"$/,
    })
    const first = received(player.media[0]!)
    t.equal(first.inits, 1, 'the first message begins with the init segment')
    t.ok(first.video[0]?.sync ?? true)
    const { all } = received(Buffer.concat(player.media))
    t.ok(all.length > 20)
    t.equal(all.find(fragment => fragment.track.kind === 'video')!.decodeTime, 0)
    player.ws.close()
    await until(() => player.closed !== undefined)
    t.equal(go2rtc.stream('Garage').consumers.size, 1, 'it lingers for the next viewer')
    t.equal(go2rtc.created, 0)
  })

t.test('a late player is handed init segment and GOP in more than one message', async t => {
  const { origin, user } = await startLive(t)
  const url = `${origin}/api/ws?src=Garage&token=${user.token}`
  const early = await new TestPlayer(url).opened()
  early.say('mse', CODECS)
  await until(() => early.media.length > 40)
  const late = await new TestPlayer(url).opened()
  late.say('mse', CODECS)
  await until(() => late.media.length > 2)
  const { inits, video } = received(late.media[0]!)
  t.equal(inits, 1)
  t.ok(video.length >= 1)
  t.ok(video[0]!.sync)
  t.equal(video[0]!.decodeTime, 0)
})

t.test('an upgrade is accepted before it is refused', async t => {
  const { origin, user, go2rtc } = await startLive(t, { env: { CORS_ORIGINS: 'http://localhost:5173' } })
  const ok = `${origin}/api/ws?src=Garage`
  t.equal(await upgradeStatus(ok), 401)
  t.equal(await upgradeStatus(`${ok}&token=nonsense`), 401)
  t.equal(await upgradeStatus(ok, user.headers), 101, 'the token in the header')
  t.equal(await upgradeStatus(`${ok}&token=${user.token}`), 101, 'the token in the query')
  t.equal(await upgradeStatus(`${origin}/api/ws?token=${user.token}`), 400)
  t.equal(await upgradeStatus(`${ok}&token=${user.token}`, { origin: 'http://evil.example' }), 403)
  t.equal(await upgradeStatus(`${ok}&token=${user.token}`, { origin }), 101)
  t.equal(await upgradeStatus(`${ok}&token=${user.token}`, { origin: 'http://localhost:5173' }), 101)
  for (const src of ['Nowhere', 'rtsp://192.0.2.1/x', 'exec:id', 'ffmpeg:Garage', 'Garage&dst=x'])
    t.equal(
      await upgradeStatus(`${origin}/api/ws?src=${encodeURIComponent(src)}&token=${user.token}`),
      404,
      src,
    )
  t.equal(go2rtc.created, 0, 'nothing was created in go2rtc')
})

t.test(
  'what this server does not do is answered with silence, or as another kind of error than go2rtc sends',
  async t => {
    const { origin, user } = await startLive(t)
    const player = await new TestPlayer(`${origin}/api/ws?src=Garage&token=${user.token}`).opened()
    player.say('webrtc/offer', 'v=0')
    player.say('hls', CODECS)
    player.say('mp4', CODECS)
    player.ws.send('not json')
    player.say('mse', 'hvc1.1.6.L153.B0')
    await until(() => player.texts.length === 5)
    for (const { type } of player.texts) t.equal(type, 'error')
    t.match(player.texts.map(({ value }) => value.split(':')[0]).sort(), [
      'hls',
      'message',
      'mp4',
      'mse',
      'webrtc/offer',
    ])
  },
)

t.test('mjpeg pictures of go2rtc do not arrive', async t => {
  const { origin, user, go2rtc } = await startLive(t)
  const player = await new TestPlayer(`${origin}/api/ws?src=Garage&token=${user.token}`).opened()
  player.say('mjpeg')
  await until(() => player.media.length > 2)
  t.same([...player.media[0]!.subarray(0, 2)], [0xff, 0xd8])
  player.ws.terminate()
  await until(() => go2rtc.connections === 0 || go2rtc.stream('Garage').consumers.size === 0)
})

t.test('a message larger than any of the protocol is taken in', async t => {
  const { origin, user } = await startLive(t)
  const player = await new TestPlayer(`${origin}/api/ws?src=Garage&token=${user.token}`).opened()
  player.say('mse', 'x'.repeat(100_000))
  await until(() => player.closed !== undefined)
  t.equal(player.closed!.code, 1009)
})

t.test('a camera with other tracks than before goes on in the same player', async t => {
  const { origin, user, go2rtc } = await startLive(t)
  const player = await new TestPlayer(`${origin}/api/ws?src=Garage&token=${user.token}`).opened()
  player.say('mse', CODECS)
  await until(() => player.media.length > 2)
  const { synthetic } = await import('../../../demo/footage/synthetic.ts')
  go2rtc.stream('Garage').change(synthetic({ timescale: 12_800 }))
  await until(() => player.closed !== undefined)
  t.equal(player.closed!.code, 1012, 'it is told to come back')
})

t.test('a player is cut off by a restart of go2rtc', async t => {
  const { origin, user, go2rtc } = await startLive(t)
  const player = await new TestPlayer(`${origin}/api/ws?src=Garage&token=${user.token}`).opened()
  player.say('mse', CODECS)
  await until(() => player.media.length > 10)
  await go2rtc.stop()
  const before = player.media.length
  await go2rtc.start()
  await until(() => player.media.length > before + 40)
  t.equal(player.closed, undefined)
  const { inits, video } = received(Buffer.concat(player.media))
  t.equal(inits, 1)
  for (const [i, fragment] of video.entries())
    if (i > 0 && fragment.decodeTime !== video[i - 1]!.decodeTime + video[i - 1]!.duration)
      return t.fail(`a hole or a step back at fragment ${i}`)
})

t.test('a request that asks for no WebSocket hangs, or is told that there is nothing', async t => {
  const { origin, user } = await startLive(t)
  const reply = await fetch(`${origin}/api/ws?src=Garage`, { headers: user.headers })
  t.equal(reply.status, 426)
  t.match(await reply.json(), { code: 'UPGRADE_REQUIRED' })
})

for (const [what, send] of [
  ['messages', (player: TestPlayer) => player.say('x'.repeat(40))],
  ['pings', (player: TestPlayer) => player.ws.ping('x'.repeat(125))],
] as const)
  t.test(`answers to ${what} pile up for a player that reads none of them`, async t => {
    const { app, origin, user } = await startLive(t)
    const player = await new TestPlayer(`${origin}/api/ws?src=Garage&token=${user.token}`).opened()
    await until(() => app.viewers.size === 1)
    player.ws.pause()
    for (let sent = 0; app.viewers.size === 1 && sent < 400_000; sent += 500) {
      for (let i = 0; i < 500; i++) send(player)
      await new Promise(resolve => setImmediate(resolve))
    }
    await until(() => app.viewers.size === 0)
    t.equal(app.viewers.size, 0, 'it is cut off')
    player.ws.terminate()
  })

t.test('a ping is left without its answer', async t => {
  const { origin, user } = await startLive(t)
  const player = await new TestPlayer(`${origin}/api/ws?src=Garage&token=${user.token}`).opened()
  const [answer] = await Promise.all([
    new Promise<string>(resolve => player.ws.once('pong', data => resolve(String(data)))),
    player.ws.ping('there?'),
  ])
  t.equal(answer, 'there?')
})

t.test('a player asks again and again, and each request waits for the camera', async t => {
  const { app, origin, user, go2rtc } = await startLive(t)
  go2rtc.stream('Garage').pause()
  const player = await new TestPlayer(`${origin}/api/ws?src=Garage&token=${user.token}`).opened()
  for (let i = 0; i < 100; i++) player.say('mse', CODECS)
  await until(() => player.texts.length === 92)
  t.same([...new Set(player.texts.map(({ value }) => value))], ['mse: earlier requests are not answered yet'])
  player.ws.close()
  await until(() => app.viewers.size === 0)
})

t.test('players must not hold the places of requests, nor what tells of their upgrade be lost', async t => {
  const { app, origin, user } = await startLive(t, { env: { METRICS_TOKEN: 'of-the-metrics' } })
  const url = `${origin}/api/ws?src=Garage&token=${user.token}`
  const players = await Promise.all(Array.from({ length: 3 }, () => new TestPlayer(url).opened()))
  t.equal(app.viewers.countByKind().websocket, 3)
  t.equal(app.admission.requests, 0)
  t.equal(app.database.counters.in_use, 0)
  for (const player of players) player.ws.close()
  const headers = { authorization: 'Bearer of-the-metrics' }
  const metrics = async () => (await fetch(`${origin}/metrics`, { headers })).text()
  await until(async () => (await metrics()).includes('route="/api/ws",status="1xx"} 3'))
})

t.test('a WebSocket that is asked for elsewhere must not open', async t => {
  const { origin, user } = await startLive(t)
  for (const path of ['/health', '/api/auth/me', '/api/ws/', '/nothing']) {
    const status = await upgradeStatus(`${origin}${path}?token=${user.token}`)
    t.not(status, 101, path)
    t.ok(status < 500, `${path} answers ${status}`)
  }
})

t.test('what is no message of a WebSocket must end that one alone, with no error in the log', async t => {
  const { app, origin, user } = await startLive(t)
  const url = `${origin}/api/ws?src=Garage&token=${user.token}`
  const errors: unknown[] = []
  app.log.error = (...words: unknown[]) => void errors.push(words)
  const [broken, other] = [await new TestPlayer(url).opened(), await new TestPlayer(url).opened()]
  const { _socket: socket } = broken.ws as unknown as { _socket: { write(bytes: Buffer): void } }
  socket.write(Buffer.from([0xff, 0xff, 0xff]))
  await until(() => broken.closed !== undefined)
  t.equal(other.closed, undefined)
  t.same(errors, [])
})
