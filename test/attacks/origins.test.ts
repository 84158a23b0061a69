import t, { type Test } from 'tap'
import { startBuiltHouse } from '../support/built-server.ts'
import { startGo2rtc } from '../support/go2rtc.ts'
import { upgradeStatus } from '../support/live-server.ts'
import { sendRaw } from '../support/raw-http.ts'

const FRIEND = 'https://pwa.example'

async function startAttacked(t: Test, env: Record<string, string> = {}) {
  const go2rtc = await startGo2rtc(t)
  const house = await startBuiltHouse(t, { GO2RTC_HOST: go2rtc.origin, ...env })
  const upgrade = (origin?: string, path = '/api/ws') =>
    upgradeStatus(`${house.origin}${path}?src=Garage&token=${house.admin.token}`, origin ? { origin } : {})
  return { ...house, upgrade }
}

/** Origins that are none of this server's, whatever they look like. */
function foreign(origin: string): string[] {
  const { port } = new URL(origin)
  return [
    'null',
    'http://evil.example',
    `http://evil.example:${port}`,
    'http://127.0.0.1',
    `http://127.0.0.1:${Number(port) + 1}`,
    `http://127.0.0.1:${port}0`,
    `http://127.0.0.1:${port}.evil.example`,
    `http://127.0.0.1.evil.example:${port}`,
    `http://127.0.0.1:${port}@evil.example`,
    `http://evil.example/127.0.0.1:${port}`,
    `http://evil.example#127.0.0.1:${port}`,
    `http://localhost:${port}`,
    `http://[::1]:${port}`,
    'file://',
    'chrome-extension://abcdefghijklmnop',
    'https://pwa.example.evil.example',
    'https://evilpwa.example',
    'https://pwa.example:8443',
    'http://pwa.example',
    'https://pwa.example.',
    '*',
    'http://*',
    'undefined',
    `${origin}, http://evil.example`,
    `http://evil.example, ${origin}`,
    `${origin} ${FRIEND}`,
  ]
}

t.test('a page of another site opens a WebSocket here', async t => {
  const { origin, upgrade } = await startAttacked(t, { CORS_ORIGINS: FRIEND })
  for (const path of ['/api/ws', '/live/mse/api/ws']) {
    t.equal(await upgrade(undefined, path), 101, 'programs send no origin')
    t.equal(await upgrade(origin, path), 101, 'its own pages may')
    t.equal(await upgrade(FRIEND, path), 101, 'and those that are listed')
    for (const one of foreign(origin)) t.equal(await upgrade(one, path), 403, `${path} from ${one}`)
  }
})

t.test('a request without a Host has every page take itself for one of this server’s', async t => {
  const { port, admin } = await startAttacked(t)
  const key = Buffer.from('0123456789abcdef').toString('base64')
  const ask = (version: string, headers: string) =>
    sendRaw(
      port,
      [
        `GET /api/ws?src=Garage&token=${admin.token} HTTP/${version}`,
        'Upgrade: websocket\r\nConnection: Upgrade',
        `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}`,
        `${headers}\r\n\r\n`,
      ].join('\r\n'),
      /\r\n\r\n/,
    )
  t.match(await ask('1.1', `Host: h\r\nOrigin: http://h`), /^HTTP\/1\.1 101 /)
  t.notMatch(await ask('1.0', 'Origin: null'), / 101 /)
  t.notMatch(await ask('1.0', 'Host:\r\nOrigin: null'), / 101 /)
  t.notMatch(await ask('1.1', 'Host:\r\nOrigin: file://'), / 101 /)
  t.notMatch(await ask('1.1', 'Host: h\r\nHost: evil.example\r\nOrigin: http://evil.example'), / 101 /)
})

t.test('CORS_ORIGINS=* has every page open a WebSocket with what the browser knows', async t => {
  const { upgrade } = await startAttacked(t, { CORS_ORIGINS: '*' })
  t.equal(await upgrade('http://evil.example'), 403)
  t.equal(await upgrade('*'), 403)
  t.equal(await upgrade(), 101)
})

/** What a browser is told about a page of `from` that asks for `path`. */
async function permission(url: string, from: string, method: string, headers: Record<string, string> = {}) {
  const reply = await fetch(url, { method, headers: { ...headers, origin: from } })
  await reply.body?.cancel()
  return {
    origin: reply.headers.get('access-control-allow-origin'),
    credentials: reply.headers.get('access-control-allow-credentials'),
  }
}

t.test('a page of another site reads an answer', async t => {
  const { origin, admin } = await startAttacked(t, { CORS_ORIGINS: FRIEND })
  const preflight = {
    'access-control-request-method': 'POST',
    'access-control-request-headers': 'content-type',
  }
  const paths = [
    '/api/auth/login',
    '/api/cameras',
    '/health',
    '/',
    '/api/nothing',
    '/api/camera/Garage/snapshot',
  ]
  for (const path of paths)
    for (const method of ['GET', 'OPTIONS']) {
      const headers = method === 'OPTIONS' ? preflight : admin.headers
      const listed = await permission(origin + path, FRIEND, method, headers)
      t.same(listed, { origin: FRIEND, credentials: 'true' }, `${method} ${path}: the one that is listed may`)
      for (const one of foreign(origin)) {
        const { origin: allowed } = await permission(origin + path, one, method, headers)
        t.ok(allowed === null || allowed === FRIEND, `${method} ${path} tells ${one}: ${allowed}`)
        t.not(allowed, one)
      }
    }
})

t.test('where no origin is listed some page is, or * comes with credentials', async t => {
  const nobody = await startAttacked(t)
  for (const one of foreign(nobody.origin))
    t.same(await permission(`${nobody.origin}/api/cameras`, one, 'GET'), { origin: null, credentials: null })
  const everybody = await startAttacked(t, { CORS_ORIGINS: '*' })
  t.same(await permission(`${everybody.origin}/api/cameras`, 'http://evil.example', 'GET'), {
    origin: '*',
    credentials: null,
  })
})

t.test('a page of another site posts what the browser sends without asking first', async t => {
  const { origin, admin } = await startAttacked(t)
  const simple = ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', '']
  const body = JSON.stringify({ username: 'admin', password: 'Correct-Horse-7' })
  const post = async (type: string, path: string, headers: Record<string, string> = {}) => {
    const reply = await fetch(origin + path, {
      method: 'POST',
      headers: { ...headers, origin: 'http://evil.example', 'content-type': type },
      body,
    })
    await reply.body?.cancel()
    return reply.status
  }
  for (const type of simple)
    t.ok([400, 415].includes(await post(type, '/api/auth/login')), `a login as ${type}`)
  t.equal(await post('application/json', '/api/auth/login'), 200, 'JSON does, for which browsers ask first')
  // A browser knows no cookie and no login of HTTP's for this server: nothing rides along.
  const riding = { cookie: `token=${admin.token}` }
  t.equal(await post('application/json', '/api/auth/logout', riding), 401)
  t.equal(await post('application/json', '/api/cameras/start-streaming', riding), 401)
})
