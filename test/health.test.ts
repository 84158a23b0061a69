import { once } from 'node:events'
import { connect } from 'node:net'
import t from 'tap'
import { startApp } from './support/app.ts'
import { upgradeStatus } from './support/live-server.ts'
import { signIn } from './support/sign-in.ts'

t.test('health answers without login, database or upstream', async t => {
  const { origin } = await startApp(t)
  const reply = await fetch(`${origin}/health`)
  t.equal(reply.status, 200)
  t.same(await reply.json(), { status: 'healthy' })
})

t.test('an unknown route is a JSON 404', async t => {
  const { origin } = await startApp(t)
  const reply = await fetch(`${origin}/api/nothing`, { headers: { 'content-type': 'application/json' } })
  t.equal(reply.status, 404)
  t.match(await reply.json(), { error: 'Not found', code: 'NOT_FOUND' })
})

t.test('what is no request of HTTP is answered in another shape', async t => {
  const { origin } = await startApp(t)
  const { hostname, port } = new URL(origin)
  for (const [text, answer] of [
    [
      'NONSENSE\r\n\r\n',
      /^HTTP\/1\.1 400 .*\{"error":"[^"]+","code":"REQUEST_UNREADABLE","requestId":"[^"]+"\}$/s,
    ],
    [`GET / HTTP/1.1\r\nx: ${'x'.repeat(20_000)}\r\n\r\n`, /^HTTP\/1\.1 431 .*"code":"HEADERS_TOO_LARGE"/s],
  ] as const) {
    const socket = connect(Number(port), hostname)
    const chunks: Buffer[] = []
    socket.on('data', chunk => chunks.push(Buffer.from(chunk))).on('error', () => {})
    socket.write(text)
    await once(socket, 'close')
    t.match(Buffer.concat(chunks).toString(), answer)
  }
})

t.test('an address that cannot be read is answered in another shape, or with what it held', async t => {
  const { origin } = await startApp(t)
  for (const path of ['/api/%zz?token=secret', '/api/camera/%zz/snapshot', '/%']) {
    const reply = await fetch(origin + path)
    const text = await reply.text()
    t.equal(reply.status, 400, path)
    t.match(JSON.parse(text), { error: 'This address cannot be read', code: String, requestId: String })
    t.notMatch(text, 'secret')
  }
})

t.test('a WebSocket opens where there is none, before anybody is asked who they are', async t => {
  const { origin } = await startApp(t)
  const { token, headers } = await signIn(origin)
  const cases: [string, number][] = [
    ['/nothing', 404],
    ['/api/nothing', 404],
    ['/health', 200],
    ['/api/auth/me', 401],
    [`/api/auth/me?token=${token}`, 401],
    ['/api/ws?src=x', 401],
    ['/api/ws/?src=x', 404],
  ]
  for (const [path, status] of cases) t.equal(await upgradeStatus(origin + path), status, path)
  t.equal(await upgradeStatus(`${origin}/api/auth/me`, headers), 200)
})
