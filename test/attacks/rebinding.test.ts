import t, { type Test } from 'tap'
import { startBuiltHouse } from '../support/built-server.ts'
import { startGo2rtc } from '../support/go2rtc.ts'
import { type RawReply, repliesIn, sendRaw } from '../support/raw-http.ts'

/** A site whose name has been made to resolve to this server after its page was loaded. */
const EVIL = 'rebound.evil.example'

async function startAttacked(t: Test, env: Record<string, string> = {}) {
  const go2rtc = await startGo2rtc(t)
  const house = await startBuiltHouse(t, { GO2RTC_HOST: go2rtc.origin, ...env })
  /** As a page of that site asks: its own name as host and origin, and nothing that the browser keeps for another. */
  const asEvil = async (line: string, { headers = [] as string[], body = '' } = {}): Promise<RawReply> => {
    const head = [
      `${line} HTTP/1.1`,
      `Host: ${EVIL}:${house.port}`,
      `Origin: http://${EVIL}:${house.port}`,
      'Sec-Fetch-Site: same-origin',
      'Connection: close',
      'Content-Type: application/json',
      `Content-Length: ${Buffer.byteLength(body)}`,
      ...headers,
    ]
    return repliesIn(await sendRaw(house.port, `${head.join('\r\n')}\r\n\r\n${body}`))[0]!
  }
  return { ...house, go2rtc, asEvil }
}

t.test('a page whose name is made to resolve here reads or changes what needs a login', async t => {
  const { admin, asEvil, go2rtc, origin } = await startAttacked(t)
  const mine = await admin.request('/api/cameras')
  t.equal(mine.status, 200, 'whoever has a token is answered')
  for (const line of [
    'GET /api/auth/me',
    'GET /api/cameras',
    'GET /api/admin/users',
    'GET /api/admin/audit',
    'GET /api/debug/memory',
    'GET /api/system/status',
    'GET /api/camera/Garage/snapshot',
    'GET /api/camera/Garage/stream.mp4',
    'GET /api/camera/Garage/stream.m3u8',
    'GET /api/go2rtc/frame.jpeg?src=Garage',
    'GET /api/events/stream',
    'POST /api/auth/logout',
    'POST /api/auth/change-password',
    'POST /api/admin/users',
    'DELETE /api/admin/users/1',
    'POST /api/cameras/start-streaming',
    'POST /api/debug/memory/cleanup',
  ]) {
    const { status, body } = await asEvil(line, { headers: [`Cookie: token=${admin.token}`] })
    t.equal(status, 401, line)
    t.notMatch(body, /Garage|admin"/, line)
  }
  const upgrade = ['Upgrade: websocket', 'Connection: Upgrade', 'Sec-WebSocket-Version: 13']
  const key = 'Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg=='
  t.equal((await asEvil('GET /api/ws?src=Garage', { headers: [...upgrade, key] })).status, 401)
  t.equal((await admin.request('/api/auth/me')).status, 200, 'and nobody has been logged out')
  const users = (await (await admin.request('/api/admin/users')).json()) as { users: unknown[] }
  t.equal(users.users.length, 1)
  t.same(
    go2rtc.requests.filter(({ url }) => !url.startsWith('/api/streams') && url !== '/api'),
    [],
    `no camera was asked for at ${origin}`,
  )
})

t.test('such a page gets more than anybody in the network', async t => {
  const { asEvil } = await startAttacked(t)
  for (const path of ['/', '/health', '/ready', '/app.js']) {
    const { status, body, headers } = await asEvil(`GET ${path}`)
    t.equal(status, 200, path)
    t.notMatch(body, /Garage|token":|127\.0\.0\.1/, `${path} tells nothing of this house`)
    t.equal(headers['set-cookie'], undefined, `${path} leaves nothing in the browser`)
    t.equal(headers['access-control-allow-origin'], undefined, path)
  }
  t.equal((await asEvil('GET /metrics')).status, 404)
})

t.test('such a page guesses passwords more often than anybody', async t => {
  const { asEvil } = await startAttacked(t)
  const guess = async (password: string) =>
    (await asEvil('POST /api/auth/login', { body: JSON.stringify({ username: 'admin', password }) })).status
  const statuses: number[] = []
  for (let i = 0; i < 6; i++) statuses.push(await guess(`guess-${i}`))
  t.same(statuses.slice(0, 3), [401, 401, 401], 'guesses are answered')
  t.same(new Set(statuses.slice(4)), new Set([429]), 'as often as those of anybody')
})

t.test('an answer depends on the Host that a client makes up', async t => {
  const { port, admin } = await startAttacked(t)
  const ask = async (path: string, ...headers: string[]) => {
    const head = [
      `GET ${path} HTTP/1.1`,
      ...headers,
      `Authorization: Bearer ${admin.token}`,
      'Connection: close',
    ]
    return repliesIn(await sendRaw(port, `${head.join('\r\n')}\r\n\r\n`))[0]!
  }
  const forged = [
    [`Host: ${EVIL}`],
    ['Host: evil.example:1@h'],
    ['Host: h', 'X-Forwarded-Host: evil.example'],
    ['Host: h', 'X-Host: evil.example', 'X-Forwarded-Server: evil.example'],
    ['Host: h', 'X-Forwarded-Proto: evil', 'X-Forwarded-Port: 1'],
    ['Host: h', 'Forwarded: host=evil.example;proto=https'],
    ['Host: h', 'X-Original-URL: /api/admin/users', 'X-Rewrite-URL: /api/admin/users'],
  ]
  for (const path of [
    '/api/cameras',
    '/api/camera/Garage/stream.m3u8',
    '/api/cameras/Garage/stream/mse',
    '/',
    '/lib',
    '/lib/',
    '/nothing',
  ]) {
    const plain = await ask(path, 'Host: h')
    for (const headers of forged) {
      const { status, body, headers: answered } = await ask(path, ...headers)
      t.equal(status, plain.status, `${path} with ${headers}`)
      t.notMatch(JSON.stringify([body, answered]), /evil/, `${path} with ${headers}`)
      t.equal(answered.location, undefined)
      if (status === 200) t.equal(body, plain.body, `${path} with ${headers}`)
    }
  }
})
