import { once } from 'node:events'
import { createServer } from 'node:net'
import t, { type Test } from 'tap'
import { BUILT_PROGRAM, ensureBuilt, startBuiltHouse } from '../support/built-server.ts'
import { startFrigate } from '../support/frigate.ts'
import { startGo2rtc } from '../support/go2rtc.ts'
import { sendRaw } from '../support/raw-http.ts'
import { serveUntilExit } from '../support/serve.ts'
import { until } from '../support/until.ts'
import { newUser, PASSWORD } from '../support/users.ts'

const SQL = [
  `'`,
  `"`,
  `' OR '1'='1`,
  `" OR ""="`,
  `admin'--`,
  `admin' /*`,
  `'; DROP TABLE users; --`,
  `1; DELETE FROM sessions`,
  `1 OR 1=1`,
  `' UNION SELECT password_hash FROM users --`,
  `%`,
  `_dmin'`,
  `\\' OR 1=1 --`,
  `'||(SELECT password_hash FROM users)||'`,
  `x' AND randomblob(1000000000) --`,
  `"; ATTACH DATABASE '/tmp/x' AS x; --`,
  `\0' OR 1=1`,
  `:id`,
  `?`,
  `$1`,
  `@p0`,
]

async function startAttacked(t: Test) {
  const [frigate, go2rtc] = [await startFrigate(t), await startGo2rtc(t)]
  const env = {
    FRIGATE_HOST: frigate.origin,
    GO2RTC_HOST: go2rtc.origin,
    LOGIN_MAX_FAILURES: '1000',
    API_REQUESTS_PER_MINUTE: '100000',
  }
  const house = await startBuiltHouse(t, env)
  const call = async (method: string, path: string, body?: unknown) => {
    const reply = await house.admin.request(path, { method, ...(body === undefined ? {} : { body }) })
    return { status: reply.status, text: await reply.text() }
  }
  return { ...house, frigate, go2rtc, call }
}

t.test('SQL in a text that a client sends is run', async t => {
  const { origin, admin, call } = await startAttacked(t)
  await newUser(origin, admin, 'victim')
  const count = async (path: string, list: string) =>
    (JSON.parse((await call('GET', path)).text) as Record<string, unknown[]>)[list]?.length
  const rows = async () => ({
    users: await count('/api/admin/users', 'users'),
    sessions: await count('/api/auth/sessions', 'sessions'),
  })
  const before = await rows()
  t.same(before, { users: 2, sessions: 1 })
  const plain = JSON.parse((await call('GET', '/api/admin/audit?action=login')).text) as {
    entries: unknown[]
  }
  t.equal(plain.entries.length, 2, 'a filter that is one finds something')

  for (const text of SQL) {
    const one = encodeURIComponent(text)
    const asked: [string, string, unknown?][] = [
      ['POST', '/api/auth/login', { username: text, password: PASSWORD }],
      ['POST', '/api/auth/login', { username: 'victim', password: text }],
      ['POST', '/api/admin/users', { username: text, password: PASSWORD }],
      ['POST', '/api/admin/security/unblock-ip', { ip_address: text }],
      [
        'POST',
        '/api/auth/change-password',
        { current_password: text, new_password: text, confirm_password: text },
      ],
      ['POST', '/api/auth/player-tokens', { name: text, cameras: [text] }],
      ['POST', '/api/auth/media-token', { camera: text }],
      ['PUT', `/api/admin/users/${one}/cameras`, { mode: 'custom', cameras: [text] }],
      ['PATCH', `/api/admin/users/${one}`, { full_name: text }],
      ['DELETE', `/api/admin/users/${one}`],
      ['DELETE', `/api/auth/sessions/${one}`],
      ['DELETE', `/api/auth/player-tokens/${one}`],
      ['DELETE', `/api/events/${one}/hls`],
      ['GET', `/api/admin/audit?actor=${one}&action=${one}`],
      ['GET', `/api/admin/audit?before=${one}`],
      ['GET', `/api/debug/memory/history?range=${one}`],
      ['GET', `/api/camera/${one}/snapshot`],
      ['GET', `/api/hls/${one}/media.m3u8`],
      ['GET', `/api/hls/clip/${one}/master.m3u8`],
    ]
    for (const [method, path, body] of asked) {
      const { status, text: answer } = await call(method, path, body)
      t.ok(status < 500, `${method} ${path}: ${status}`)
      t.notMatch(answer, /SQLITE|syntax error|no such (table|column)|\$2[aby]\$/i, `${method} ${path}`)
      if (/^(PUT|PATCH|DELETE .*sessions|POST .*(login|users))/.test(`${method} ${path}`))
        t.ok(status >= 400, `${method} ${path}: ${status}`)
      if (path.includes('audit?actor')) t.match(answer, '"entries":[]', path)
    }
    const email = await call('PATCH', `/api/admin/users/${admin.user.id}`, { email: text, full_name: text })
    t.equal(email.status, 200)
    t.equal(
      (JSON.parse(email.text) as { user: { email: string } }).user.email,
      text,
      'a text is kept as it is',
    )
  }
  t.same(await rows(), before)
})

t.test('what is a text becomes an object, a list or a prototype', async t => {
  const { origin, call } = await startAttacked(t)
  const odd: unknown[] = [
    { $ne: null },
    { $gt: '' },
    ['admin'],
    [[]],
    true,
    1,
    null,
    { length: 5 },
    { toString: 'x' },
  ]
  for (const value of odd) {
    const reply = await fetch(`${origin}/api/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ username: value, password: value }),
    })
    t.ok([400, 401].includes(reply.status), `${JSON.stringify(value)}: ${reply.status}`)
    await reply.body?.cancel()
  }
  const raw = async (body: string) => {
    const reply = await fetch(`${origin}/api/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    })
    return { status: reply.status, text: await reply.text() }
  }
  for (const body of [
    '{"__proto__":{"is_admin":true},"username":"a","password":"b"}',
    '{"constructor":{"prototype":{"is_admin":true}}}',
    `${'['.repeat(20_000)}`,
    `${'{"a":'.repeat(10_000)}`,
    '{"username":"admin","username":"victim","password":"x"}',
    '"admin"',
    'null',
    '[]',
    '{',
    '\ufeff{}',
    '{"username":"\\ud800","password":"x"}',
  ]) {
    const { status, text } = await raw(body)
    t.ok(status === 400 || status === 401, `${body.slice(0, 60)}: ${status}`)
    t.notMatch(text, /at .*\.(ts|js|cjs):|node_modules/, 'no stack is told')
  }
  for (const query of [
    'camera[]=x',
    'camera[$ne]=x',
    'camera=a&camera=b',
    '__proto__[x]=y',
    'limit=1&limit=2',
    'limit[]=1',
  ])
    t.ok((await call('GET', `/api/events?${query}`)).status < 500, query)
  const { status, text } = await call('GET', '/api/auth/me')
  t.same([status, (JSON.parse(text) as { user: { is_admin: boolean } }).user.is_admin], [200, true])
})

t.test('a number beyond all numbers passes for one within bounds', async t => {
  const { call, frigate } = await startAttacked(t)
  t.equal((await call('GET', '/api/events?limit=3&after=1')).status, 200)
  const asked = frigate.seen(/^\/api\/events/).length
  for (const number of ['1e309', '-1e309', 'Infinity', '-Infinity', 'NaN'])
    for (const path of [
      `/api/events?limit=${number}`,
      `/api/events?after=${number}`,
      `/api/events?min_score=${number}`,
      `/api/review?limit=${number}`,
      `/api/admin/audit?limit=${number}`,
      `/api/admin/audit?before=${number}`,
      `/api/recordings/Driveway?before=${number}`,
      `/api/camera/Driveway/snapshot?h=${number}`,
      `/api/admin/users/${number}/cameras`,
    ])
      t.equal((await call('GET', path)).status, 400, path)
  t.equal(frigate.seen(/^\/api\/events/).length, asked, 'Frigate is told of none of them')
})

t.test('a parameter of a client adds another one at go2rtc or Frigate', async t => {
  const { call, go2rtc, frigate } = await startAttacked(t)
  const names = [
    'Garage&src=exec:id',
    'Garage&name=x',
    'Garage&dst=rtsp://evil.example',
    'Garage#x',
    'Garage?x',
    'exec:id',
    'rtsp://evil.example/x',
    'http://127.0.0.1:1984/api/config',
    'ffmpeg:Garage#video=h264#raw=-f null -',
    'Garage%26src%3Dexec:id',
    'Garage;src=exec:id',
    'Garage\r\nX-Evil: 1',
    'Garage HTTP/1.1\r\nHost: evil.example\r\n\r\nGET /api/exit',
    'Garage\0',
  ]
  t.equal((await call('GET', '/api/go2rtc/frame.jpeg?src=Garage')).status, 200)
  t.equal((await call('GET', '/api/events?cameras=Driveway')).status, 200)
  const seenOfGo2rtc = go2rtc.requests.length
  for (const name of names) {
    const one = encodeURIComponent(name)
    for (const path of [
      `/api/go2rtc/frame.jpeg?src=${one}`,
      `/api/go2rtc/stream.mjpeg?src=${one}`,
      `/api/go2rtc/mse/${one}`,
      `/api/go2rtc/hls/${one}/stream.m3u8`,
      `/api/camera/${one}/stream.mp4`,
      `/api/camera/${one}/snapshot`,
      `/api/cameras/${one}/stream/mse`,
    ])
      t.equal((await call('GET', path)).status, 404, path)
    for (const path of [
      `/api/events?cameras=${one}&labels=${one}&zones=${one}&sub_labels=${one}`,
      `/api/events?camera=Driveway${one}`,
      `/api/events/summary?zones=${one}`,
      `/api/review?cameras=${one}&labels=${one}`,
      `/api/recordings/Driveway?after=1${one}`,
      `/api/recordings/Driveway/summary?timezone=${one}`,
      `/api/camera/Driveway/snapshot?h=${one}&quality=${one}`,
    ])
      t.ok([200, 400, 404].includes((await call('GET', path)).status), path)
  }
  t.equal(go2rtc.created, 0, 'no stream has been made')
  for (const { url } of go2rtc.requests.slice(seenOfGo2rtc)) t.match(url, /^\/api(\/streams)?$/, url)
  const known =
    /^(cameras|labels|zones|sub_labels|include_thumbnails|limit|after|before|timezone|h|height|quality|has_.*|severity|reviewed|bbox)$/
  for (const { url } of frigate.requests) {
    const { pathname, searchParams } = new URL(url, 'http://frigate')
    t.match(pathname, /^\/(api|vod|ws)/, url)
    for (const [name] of searchParams) t.match(name, known, url)
    t.notMatch(pathname, /evil|exec|exit/, url)
  }
})

t.test('a line break in a name or a header makes another header, or another line of the log', async t => {
  const { port, origin, admin, output } = await startAttacked(t)
  const evil = '%0d%0aX-Evil:%201%0d%0a%0d%0a<script>'
  for (const path of [
    `/${evil}`,
    `/api/camera/${evil}/snapshot`,
    `/api/events/${evil}/clip.mp4`,
    `/api/events?limit=${evil}`,
    `/api/cameras/${evil}/stream/mse`,
    `/api/hls/${evil}/media.m3u8`,
    `/lib/${evil}`,
    `/lib${evil}`,
  ]) {
    const head = `GET ${path} HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer ${admin.token}\r\nConnection: close\r\n\r\n`
    const received = await sendRaw(port, head)
    t.match(received, /^HTTP\/1\.1 4\d\d /, path)
    t.notMatch(received.split('\r\n\r\n')[0], /x-evil/i, path)
    t.equal(received.match(/HTTP\/1\.1 /g)?.length, 1, path)
  }
  const name = 'mallory\r\n{"level":50,"msg":"forged"}\u2028\u0085\u001b[31m'
  const reply = await fetch(`${origin}/api/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username: name, password: 'x' }),
  })
  t.equal(reply.status, 401)
  for (const line of output().split('\n').filter(Boolean)) {
    const entry = JSON.parse(line) as { msg?: string }
    t.not(entry.msg, 'forged')
    t.notOk(line.includes('\u001b'), 'nothing that a terminal would obey')
  }
  const audit = await admin.request('/api/admin/audit?action=login.failed')
  t.equal(audit.headers.get('x-evil'), null)
})

/** A broker of MQTT 3.1.1 that keeps what clients subscribe to, and tells them what a test likes. */
async function startBroker(t: Test) {
  const topics: string[] = []
  let tell: (topic: string, payload: string) => void = () => {}
  const broker = createServer(socket => {
    socket.on('error', () => {})
    t.teardown(() => socket.destroy())
    tell = (topic, payload) => {
      const name = Buffer.from(topic)
      const body = Buffer.concat([
        Buffer.from([name.length >> 8, name.length & 255]),
        name,
        Buffer.from(payload),
      ])
      const size = body.length < 128 ? [body.length] : [(body.length & 127) | 128, body.length >> 7]
      socket.write(Buffer.concat([Buffer.from([0x30, ...size]), body]))
    }
    socket.on('data', chunk => {
      const packet = Buffer.from(chunk)
      if (packet[0] === 0x10) socket.write(Buffer.from([0x20, 2, 0, 0]))
      if (packet[0] === 0x82) {
        topics.push(packet.toString('utf8', 6, 6 + packet.readUInt16BE(4)))
        socket.write(Buffer.from([0x90, 3, packet[2]!, packet[3]!, 0]))
      }
    })
  }).listen(0, '127.0.0.1')
  await once(broker, 'listening')
  t.teardown(() => broker.close())
  const { port } = broker.address() as { port: number }
  return {
    url: `mqtt://127.0.0.1:${port}`,
    topics,
    tell: (topic: string, payload: string) => tell(topic, payload),
  }
}

t.test('a message of another topic counts as an event, or a name makes another topic', async t => {
  const broker = await startBroker(t)
  const frigate = await startFrigate(t)
  const { origin, admin } = await startBuiltHouse(t, { FRIGATE_HOST: frigate.origin, MQTT_URL: broker.url })
  const reply = await fetch(`${origin}/api/events/stream`, { headers: admin.headers })
  let text = ''
  void (async () => {
    for await (const chunk of reply.body!.pipeThrough(new TextDecoderStream())) text += chunk
  })().catch(() => {})
  await until(() => broker.topics.length > 0)
  const message = (label: string) => {
    const after = {
      id: '1.5-abc',
      camera: 'Driveway',
      label,
      start_time: 1,
      end_time: null,
      entered_zones: [],
    }
    return JSON.stringify({ type: 'new', before: after, after })
  }
  for (const topic of [
    'frigate/other',
    'frigate/events/x',
    'other/events',
    'frigate/Driveway/events',
    '$SYS/events',
  ])
    broker.tell(topic, message('forged'))
  broker.tell('frigate/events', message('true'))
  await until(() => text.includes('true'))
  t.notMatch(text, 'forged')
  t.same(broker.topics, ['frigate/events'], 'and nothing else was ever subscribed to')
  await reply.body?.cancel().catch(() => {})
})

t.test('a topic that is a pattern stops the start', async t => {
  await ensureBuilt()
  for (const prefix of ['#', 'frigate/#', '+', 'a/+/b']) {
    const env = { MQTT_URL: 'mqtt://127.0.0.1:9', MQTT_TOPIC_PREFIX: prefix }
    const { code, stderr } = await serveUntilExit(env, [], BUILT_PROGRAM)
    t.equal(code, 1, prefix)
    t.match(stderr, /^camgate cannot start: MQTT_TOPIC_PREFIX=.* is not usable: [^\n]*\n$/, prefix)
  }
})
