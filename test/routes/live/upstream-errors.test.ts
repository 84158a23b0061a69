import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { WebSocketServer } from 'ws'
import { startApp } from '../../support/app.ts'
import { TestPlayer } from '../../support/live-server.ts'
import { serve } from '../../support/serve.ts'
import { signIn } from '../../support/sign-in.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { until } from '../../support/until.ts'

const SOURCE = 'rtsp://admin:hunter2@10.9.8.7:554/ch0'

/** A go2rtc whose camera is down, and which says so with all it knows. */
async function talkativeGo2rtc(t: Test): Promise<string> {
  const server = createServer((request, reply) => {
    if (request.url === '/api/streams')
      reply.end(JSON.stringify({ Garage: { producers: [{ url: SOURCE }] } }))
    else reply.writeHead(500).end(`streams: ${SOURCE}: dial tcp 10.9.8.7:554: i/o timeout`)
  })
  const sockets = new WebSocketServer({ server, path: '/api/ws' })
  sockets.on('connection', socket => {
    socket.on('message', () => socket.send(JSON.stringify({ type: 'error', value: `mjpeg: ${SOURCE}: EOF` })))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    for (const socket of sockets.clients) socket.terminate()
    server.close()
    server.closeAllConnections()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

t.test(
  'what go2rtc says of a failure brings a camera’s address and password to viewers or the log',
  async t => {
    const { origin, output } = await serve(t, {
      DATABASE_PATH: join(await temporaryFolder(t), 'camgate.db'),
      GO2RTC_HOST: await talkativeGo2rtc(t),
      FRIGATE_HOST: 'none',
      LOG_LEVEL: 'trace',
    })
    const { token, headers } = await signIn(origin)

    const player = await new TestPlayer(`${origin}/api/ws?src=Garage&token=${token}`).opened()
    player.say('mse', 'avc1.640029')
    await until(() => player.texts.some(({ value }) => value.startsWith('mse: ')))
    player.say('mjpeg', '')
    await until(() => player.texts.some(({ value }) => value.startsWith('mjpeg: ')))
    const told = player.texts.map(({ value }) => value)
    t.ok(
      told.some(value => value === 'mjpeg: … EOF'),
      told.join('\n'),
    )

    const paths = [
      '/api/go2rtc/frame.jpeg?src=Garage',
      '/api/go2rtc/stream.mjpeg?src=Garage',
      '/api/go2rtc/mse/Garage',
      '/api/camera/Garage/stream.mp4',
      '/api/camera/Garage/stream.m3u8',
      '/api/camera/Garage/snapshot',
    ]
    for (const path of paths) {
      const reply = await fetch(origin + path, { headers })
      const body = await reply.text()
      t.ok(reply.status >= 400, `${path}: ${reply.status}`)
      t.match(JSON.parse(body), { error: String, code: String, requestId: String }, path)
      told.push(body)
    }
    await until(() => output().includes('camera lost'))
    for (const secret of ['hunter2', '10.9.8.7', 'rtsp'])
      for (const text of [...told, output()]) t.notMatch(text, secret)
  },
)

t.test('a client that leaves before go2rtc answers leaves a consumer behind', async t => {
  const open = new Set<unknown>()
  const server = createServer((request, reply) => {
    if (request.url === '/api/streams') {
      reply.end(JSON.stringify({ Garage: { producers: [] } }))
      return
    }
    open.add(reply)
    reply.on('close', () => open.delete(reply))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const { origin } = await startApp(t, {
    GO2RTC_HOST: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    FRIGATE_HOST: 'none',
  })
  const { headers } = await signIn(origin)
  const leaving = new AbortController()
  const asked = fetch(`${origin}/api/go2rtc/stream.mjpeg?src=Garage`, { headers, signal: leaving.signal })
  asked.catch(() => {})
  await until(() => open.size === 1)
  leaving.abort()
  await t.rejects(asked)
  await until(() => open.size === 0)
})
