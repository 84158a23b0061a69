import t from 'tap'
import { CAMERA_PASSWORD } from '../../../demo/go2rtc/stream.ts'
import { startLive, TestPlayer } from '../../support/live-server.ts'
import { until } from '../../support/until.ts'

t.test('one picture and motion JPEG do not pass, or carry what is the client’s alone to go2rtc', async t => {
  const { go2rtc, origin, user } = await startLive(t)
  const headers = { cookie: 'secret=1', 'user-agent': 'Mozilla/5.0 (iPhone) Safari/605.1', 'x-other': '1' }
  const frame = await fetch(`${origin}/api/go2rtc/frame.jpeg?src=Garage&token=${user.token}&name=x&dst=y`, {
    headers,
  })
  t.equal(frame.status, 200)
  t.equal(frame.headers.get('content-type'), 'image/jpeg')
  t.equal(Buffer.from(await frame.arrayBuffer()).readUInt16BE(0), 0xffd8)

  const stop = new AbortController()
  const url = `${origin}/api/go2rtc/stream.mjpeg?src=Garage`
  const mjpeg = await fetch(url, { headers: { ...headers, ...user.headers }, signal: stop.signal })
  t.equal(mjpeg.status, 200)
  t.match(mjpeg.headers.get('content-type'), /multipart/)
  const reader = mjpeg.body!.getReader()
  for (let i = 0; i < 3; i++) t.ok((await reader.read()).value!.length > 0)
  stop.abort()
  await until(() => go2rtc.stream('Garage').consumers.size === 0)

  const passed = go2rtc.requests.filter(({ url }) => /jpeg/.test(url))
  t.same(
    passed.map(({ url }) => url),
    ['/api/frame.jpeg?src=Garage', '/api/stream.mjpeg?src=Garage'],
  )
  for (const { headers } of passed) {
    t.equal(headers.cookie, undefined)
    t.equal(headers.authorization, undefined)
    t.equal(headers['user-agent'], undefined)
    t.equal(headers['x-other'], undefined)
  }
})

t.test('anything else of go2rtc is reachable', async t => {
  const { go2rtc, origin, user } = await startLive(t)
  const paths = [
    '/api/go2rtc/config',
    '/api/go2rtc/restart',
    '/api/go2rtc/exit',
    '/api/go2rtc/log',
    '/api/go2rtc/stream.mp4?src=Garage',
    '/api/go2rtc/webrtc?src=Garage',
    '/api/go2rtc/frame.jpeg/..%2f..%2fapi%2fconfig?src=Garage',
    '/api/go2rtc/frame.jpeg/../config?src=Garage',
    '/api/go2rtc/frame.jpeg/x?src=Garage',
    '/api/go2rtc/frame.jpeg',
    '/api/go2rtc/frame.jpeg?src=Nowhere',
    '/api/go2rtc/frame.jpeg?src=exec%3Aid',
    '/api/go2rtc/frame.jpeg?src=Garage&src=exec%3Aid',
  ]
  for (const path of paths)
    for (const method of ['GET', 'POST', 'PUT', 'DELETE']) {
      const reply = await fetch(origin + path, {
        method,
        headers: { authorization: user.headers.authorization },
      })
      t.ok([400, 404].includes(reply.status), `${method} ${path}`)
      await reply.body?.cancel()
    }
  t.ok(go2rtc.requests.every(({ method, url }) => method === 'GET' && url === '/api/streams'))
  t.equal(go2rtc.created, 0)
  const frame = await user.request('/api/go2rtc/frame.jpeg?src=Garage')
  t.equal(frame.status, 200, 'what may be reached is, by the same user')
  t.ok(go2rtc.requests.some(({ url }) => url === '/api/frame.jpeg?src=Garage'))
})

t.test('the list of streams tells where cameras are and their passwords', async t => {
  const { origin, user } = await startLive(t)
  const reply = await user.request('/api/go2rtc/streams')
  const text = await reply.text()
  t.equal(reply.status, 200)
  t.same(Object.keys(JSON.parse(text)).sort(), ['Driveway', 'Front_Door', 'Garage', 'Garden'])
  t.notMatch(text, CAMERA_PASSWORD)
  t.notMatch(text, 'rtsp')
  t.equal((await fetch(`${origin}/api/go2rtc/streams`)).status, 401)
})

t.test('start, keep-alive and stop wait for cameras, or end what others watch', async t => {
  const { go2rtc, app, origin, user } = await startLive(t)
  go2rtc.stream('Garden').pause()
  const started = await user.request('/api/cameras/start-streaming', {
    method: 'POST',
    body: { cameras: ['Garage', 'Garden', 'Nowhere'] },
  })
  t.match(await started.json(), {
    status: 'success',
    started_streams: ['Garage', 'Garden'],
    failed_streams: [{ camera: 'Nowhere' }],
  })
  await until(() => go2rtc.stream('Garage').consumers.size === 1)
  t.match(await (await user.request('/api/cameras/Garage/keep-alive', { method: 'POST' })).json(), {
    status: 'success',
    camera: 'Garage',
  })
  t.equal((await user.request('/api/cameras/Nowhere/start-stream', { method: 'POST' })).status, 404)

  const player = await new TestPlayer(`${origin}/api/ws?src=Garage&token=${user.token}`).opened()
  player.say('mse', 'avc1.640029,mp4a.40.2')
  await until(() => player.media.length > 2)
  const stopped = await user.request('/api/cameras/stop-streaming', {
    method: 'POST',
    body: { cameras: ['Garage'] },
  })
  t.match(await stopped.json(), { status: 'success', stopped_streams: ['Garage'] })
  const before = player.media.length
  await until(() => player.media.length > before + 10)

  const status = (await (await user.request('/api/stream-buffer/status')).json()) as Record<string, never>
  t.match(status, {
    active_streams: 2,
    streams: {
      Garage: { last_access_seconds_ago: 0, viewers: 1, warm: false, upstream_connections: 1 },
      Garden: { viewers: 0, warm: true },
    },
  })
  t.equal(app.live.viewers, 1)
  t.equal(
    (await user.request('/api/cameras/start-streaming', { method: 'POST' })).status,
    200,
    'no body: all cameras',
  )
})
