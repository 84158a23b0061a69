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
