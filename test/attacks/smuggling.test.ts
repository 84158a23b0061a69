import t, { type Test } from 'tap'
import { startBuiltHouse } from '../support/built-server.ts'
import { startFrigate } from '../support/frigate.ts'
import { startGo2rtc } from '../support/go2rtc.ts'
import { repliesIn, sendRaw, startRecorder } from '../support/raw-http.ts'

/** What would come out if a second request were read from the body of the first. */
const SECOND = 'GET /smuggled HTTP/1.1\r\nHost: h\r\n\r\n'

const request = (...lines: string[]) => `${lines.join('\r\n')}\r\n\r\n`

t.test('a request that two servers read differently is read here', async t => {
  const { port } = await startBuiltHouse(t)
  const post = (...lines: string[]) =>
    request('POST /api/auth/login HTTP/1.1', 'Host: h', 'Content-Type: application/json', ...lines)
  const chunked = `Transfer-Encoding: chunked`
  const bad: Record<string, string> = {
    'a length and chunks': `${post('Content-Length: 5', chunked)}0\r\n\r\n${SECOND}`,
    'chunks and a length': `${post(chunked, 'Content-Length: 5')}0\r\n\r\n${SECOND}`,
    'two lengths': post('Content-Length: 0', `Content-Length: ${SECOND.length}`) + SECOND,
    'two lengths in a list': post(`Content-Length: 0, ${SECOND.length}`) + SECOND,
    'a length with a sign': post('Content-Length: +0') + SECOND,
    'a negative length': post('Content-Length: -1') + SECOND,
    'a length in hexadecimal': post('Content-Length: 0x0') + SECOND,
    'a length with a space': post('Content-Length: 0 1') + SECOND,
    'a length without digits': post('Content-Length: ') + SECOND,
    'a length beyond all numbers': post('Content-Length: 99999999999999999999') + SECOND,
    'a coding that is none': post('Transfer-Encoding: xchunked') + SECOND,
    'chunks before another coding': `${post('Transfer-Encoding: chunked, identity')}0\r\n\r\n${SECOND}`,
    'chunks twice': `${post(chunked, chunked)}0\r\n\r\n${SECOND}`,
    'a space before the colon': `${post('Transfer-Encoding : chunked')}0\r\n\r\n${SECOND}`,
    'a tab in a name': `${post('Transfer-Encoding\t: chunked')}0\r\n\r\n${SECOND}`,
    'a folded field': `${post('Transfer-Encoding:', ' chunked')}0\r\n\r\n${SECOND}`,
    'a field folded with a tab': post('X: a', '\tContent-Length: 0') + SECOND,
    'a null in a field': post('X: a\0Transfer-Encoding: chunked') + SECOND,
    'a bare line feed between fields': post('X: a\nContent-Length: 0') + SECOND,
    'a bare carriage return': post('X: a\rContent-Length: 0') + SECOND,
    'a field without a name': post(': chunked') + SECOND,
    'a field without a colon': post('Transfer-Encoding chunked') + SECOND,
    'a chunk size that is none': `${post(chunked)}zz\r\n\r\n${SECOND}`,
    'a negative chunk size': `${post(chunked)}-1\r\n\r\n${SECOND}`,
    'a chunk size in hexadecimal notation': `${post(chunked)}0x0\r\n\r\n${SECOND}`,
    'a chunk size beyond all numbers': `${post(chunked)}fffffffffffffffff\r\n\r\n${SECOND}`,
    'a chunk size with a space before it': `${post(chunked)} 0\r\n\r\n${SECOND}`,
    'a chunk that is longer than it says': `${post(chunked)}1\r\n{}\r\n0\r\n\r\n${SECOND}`,
    'a chunk with a bare line feed': `${post(chunked)}2\n{}\n0\n\n${SECOND}`,
    'a bare carriage return in a chunk extension': `${post(chunked)}2;\r{}\r\n0\r\n\r\n${SECOND}`,
    'a line feed in a chunk extension': `${post(chunked)}2;a\nx\r\n{}\r\n0\r\n\r\n${SECOND}`,
    'no host': `GET /health HTTP/1.1\r\n\r\n`,
    'a method in small letters': request('get /health HTTP/1.1', 'Host: h'),
    'a space in the address': request('GET /health x HTTP/1.1', 'Host: h'),
    'a null in the address': request('GET /health\0 HTTP/1.1', 'Host: h'),
    'a folded request line': `GET /health\r\n HTTP/1.1\r\nHost: h\r\n\r\n`,
    'the preface of HTTP/2': `PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n`,
  }
  for (const [name, bytes] of Object.entries(bad)) {
    const received = await sendRaw(port, bytes)
    const replies = repliesIn(received)
    t.ok(replies.length > 0, `${name}: ${received}`)
    for (const { status } of replies)
      t.ok(status >= 400 && status < 500 && status !== 404, `${name}: ${status}`)
    t.equal(replies.at(-1)!.headers.connection, 'close', `${name}: the connection is not used again`)
  }
})

t.test('requests that stand in a row are read wrongly', async t => {
  const { port } = await startBuiltHouse(t)
  const last = request('GET /last HTTP/1.1', 'Host: h', 'Connection: close')
  const answers = async (bytes: string) =>
    (await sendRaw(port, bytes + last)).match(/HTTP\/1\.1 \d+/g)?.length
  t.equal(await answers(request('GET /health HTTP/1.1', 'Host: h') + SECOND), 3, 'a second one is seen')
  // The body of a request that reads none is its body all the same.
  for (const method of ['GET', 'HEAD', 'DELETE', 'OPTIONS', 'POST'])
    for (const path of ['/health', '/', '/api/cameras', '/api/auth/logout', '/api/nothing']) {
      const head = (framing: string) => request(`${method} ${path} HTTP/1.1`, 'Host: h', framing)
      const size = SECOND.length.toString(16)
      const whole = head(`Content-Length: ${SECOND.length}`) + SECOND
      const chunked = `${head('Transfer-Encoding: chunked')}${size}\r\n${SECOND}\r\n0\r\n\r\n`
      t.equal(await answers(whole), 2, `${method} ${path}`)
      t.equal(await answers(chunked), 2, `${method} ${path} in chunks`)
    }
})

t.test('what a proxy in front takes for another host is another host here', async t => {
  const { port } = await startBuiltHouse(t)
  const ask = (...hosts: string[]) =>
    sendRaw(port, request('GET /health HTTP/1.1', ...hosts.map(host => `Host: ${host}`), 'Connection: close'))
  for (const hosts of [['h'], ['a', 'b'], ['a:80', ''], ['127.0.0.1@evil.example'], ['"><script>']]) {
    const [{ status, body } = { status: 0, body: '' }] = repliesIn(await ask(...hosts))
    t.same([status, body], [200, '{"status":"healthy"}'], `no answer depends on it: ${hosts}`)
  }
  t.match(await sendRaw(port, 'GET /health HTTP/1.1\r\nConnection: close\r\n\r\n'), /^HTTP\/1\.1 400 /)
})

/** go2rtc and Frigate, whose every byte is kept, and somebody who is logged in. */
async function startWatched(t: Test) {
  const [frigate, go2rtc] = [await startFrigate(t), await startGo2rtc(t)]
  const env = { GO2RTC_HOST: go2rtc.origin, FRIGATE_HOST: frigate.origin, WEBRTC: 'relay' }
  const house = await startBuiltHouse(t, env)
  const event = frigate.household.events[1]!.id
  return { ...house, frigate, go2rtc, event }
}

t.test('what a client sends beside its address reaches go2rtc or Frigate', async t => {
  const { port, admin, frigate, go2rtc, event } = await startWatched(t)
  const paths = [
    'GET /api/go2rtc/frame.jpeg?src=Garage',
    'GET /api/camera/Front_Door/snapshot?',
    'GET /api/camera/Front_Door/stream.mp4?',
    'GET /api/go2rtc/stream.mjpeg?src=Garage',
    `GET /api/events/${event}/clip.mp4?`,
    `HEAD /api/events/${event}/clip.mp4?`,
    `GET /api/events/${event}/snapshot.jpg?`,
    `GET /api/events/${event}/clip.m3u8?`,
    'GET /api/events?camera=Driveway',
    'GET /api/review?cameras=Driveway',
    'GET /api/recordings/Driveway?',
    'GET /api/frigate/cameras?',
    'POST /api/go2rtc/webrtc?src=Garage',
  ]
  const marks = [
    'X-Smuggled: a',
    'Cookie: smuggled=1',
    'User-Agent: smuggled',
    'X-Forwarded-For: 203.0.113.9',
    'Referer: http://smuggled/',
    'Forwarded: for=smuggled',
    'Proxy-Authorization: Basic c211Z2dsZWQ=',
    'Expect: 100-continue',
    'TE: trailers, smuggled',
    'Via: 1.1 smuggled',
    'X-Original-URL: /api/config',
    'X-HTTP-Method-Override: DELETE',
    'remote-user: smuggled',
    'remote-role: admin',
  ]
  const body = `GET /api/config HTTP/1.1\r\nHost: smuggled\r\n\r\n`
  for (const path of paths)
    for (const framing of [
      { head: `Content-Length: ${body.length}`, body },
      {
        head: 'Transfer-Encoding: chunked',
        body: `${body.length.toString(16)}\r\n${body}\r\n0\r\nX-T: smuggled\r\n\r\n`,
      },
    ]) {
      const authorization = `Authorization: Bearer ${admin.token}`
      const [line = ''] = [`${path}&token=${admin.token}&name=x&dst=rtsp://smuggled`]
      const type = 'Content-Type: application/sdp'
      const head = request(
        `${line} HTTP/1.1`,
        'Host: h',
        'Connection: close',
        authorization,
        type,
        ...marks,
        framing.head,
      )
      const received = await sendRaw(port, head + framing.body)
      const answers = received.match(/HTTP\/1\.1 [^1]\d\d/g)
      t.ok(answers && answers.length <= 1, `${path}: ${answers}`)
      t.notMatch(received, /HTTP\/1\.1 500/, path)
    }
  for (const [name, upstream] of Object.entries({ frigate, go2rtc })) {
    t.ok(upstream.requests.length > 3, `${name} was asked ${upstream.requests.length} times`)
    for (const { method, url, headers } of upstream.requests) {
      t.notMatch(url, /config\?|smuggled|token|dst=|name=/, `${name}: ${url}`)
      t.notMatch(JSON.stringify(headers), /smuggled|203\.0\.113|api\/config|DELETE/, `${name}: ${url}`)
      t.notMatch(JSON.stringify(headers), admin.token, `${name}: ${url}`)
      t.ok(url !== '/api/config' || name === 'frigate', `${name}: ${method} ${url}`)
      t.ok(
        method === 'GET' || method === 'HEAD' || url.startsWith('/api/webrtc'),
        `${name}: ${method} ${url}`,
      )
    }
  }
})

t.test('the body of a request becomes a request of its own at go2rtc', async t => {
  const go2rtc = await startRecorder(t, (text, socket) => {
    const json = '{"Garage":{"producers":[],"consumers":[]}}'
    const answer = text.includes('/api/streams') ? json : 'picture'
    socket.end(`HTTP/1.1 200 OK\r\ncontent-length: ${answer.length}\r\nconnection: close\r\n\r\n${answer}`)
  })
  const { port, admin } = await startBuiltHouse(t, { GO2RTC_HOST: go2rtc.origin, WEBRTC: 'relay' })
  const post = (path: string, type: string, body: string) =>
    sendRaw(
      port,
      request(
        `${path} HTTP/1.1`,
        'Host: h',
        'Connection: close',
        `Authorization: Bearer ${admin.token}`,
        `Content-Type: ${type}`,
        `Content-Length: ${body.length}`,
      ) + body,
    )
  const body = `0\r\n\r\nGET /api/exit HTTP/1.1\r\nHost: smuggled\r\n\r\n`
  await post('POST /api/go2rtc/webrtc?src=Garage', 'application/sdp', body)
  await post('GET /api/go2rtc/frame.jpeg?src=Garage', 'image/jpeg', body)
  await post('GET /api/camera/Garage/stream.mp4?x=1', 'image/jpeg', body)
  const text = go2rtc.text()
  const whep = text.indexOf('POST /api/webrtc?src=Garage HTTP/1.1')
  t.ok(whep >= 0, 'an offer goes on')
  t.match(text.slice(whep), new RegExp(`content-length: ${body.length}\r\n`, 'i'), 'as long as it was')
  t.equal(text.split(body).length, 2, 'once, as the body of the offer')
  const requests = text.replace(body, '').match(/^[A-Z]+ \/\S* HTTP/gm) ?? []
  for (const line of requests)
    t.match(line, /^(GET \/api\/(streams|frame\.jpeg|stream\.mp4)|POST \/api\/webrtc)/)
  t.notMatch(text.replace(body, ''), /smuggled|exit/)
})
