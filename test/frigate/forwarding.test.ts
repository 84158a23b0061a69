import { createServer, type IncomingHttpHeaders, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { FrigateClient } from '../../src/frigate/connection/client.ts'
import { startHouse } from '../support/house.ts'
import { until } from '../support/until.ts'

const EVENT = { id: '1.1-a', camera: 'Driveway', label: 'car', start_time: 1, end_time: 2 }

/** A Frigate 0.14, whose clips are handed on as they are, with an answer of the test's for them. */
async function startForwarding(t: Test, clip: RequestListener) {
  const asked: IncomingHttpHeaders[] = []
  const frigate = createServer((request, response) => {
    if (request.url === '/api/version') response.end('0.14.1')
    else if (request.url === `/api/events/${EVENT.id}`) response.end(JSON.stringify(EVENT))
    else if (request.url === `/api/events/${EVENT.id}/clip.mp4`) {
      asked.push(request.headers)
      clip(request, response)
    } else response.writeHead(404).end()
  })
  await new Promise<void>(resolve => frigate.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    frigate.closeAllConnections()
    frigate.close()
  })
  const origin = `http://127.0.0.1:${(frigate.address() as AddressInfo).port}`
  const house = await startHouse(t, {}, { FRIGATE_HOST: origin })
  return { ...house, asked, path: `/api/events/${EVENT.id}/clip.mp4` }
}

t.test('a token, a cookie or any other header would pass, one way or the other', async t => {
  const { origin, admin, asked, path } = await startForwarding(t, (_, response) => {
    response.writeHead(206, {
      'content-type': 'video/mp4',
      'content-length': 4,
      'content-range': 'bytes 0-3/9',
      'accept-ranges': 'bytes',
      etag: '"e"',
      'last-modified': 'Thu, 01 Jan 1970 00:00:00 GMT',
      'cache-control': 'public, max-age=9999',
      'set-cookie': 'frigate_token=secret',
      'x-frame-options': 'ALLOWALL',
      'x-cache': 'HIT',
      location: 'http://frigate/',
    })
    response.end('clip')
  })
  const reply = await fetch(`${origin}${path}?token=${admin.token}&t=1`, {
    headers: {
      authorization: `Bearer ${admin.token}`,
      cookie: 'a=b',
      range: 'bytes=0-3',
      'if-range': '"e"',
      'user-agent': 'Safari',
      'x-forwarded-for': '1.2.3.4',
      'x-anything': 'at all',
    },
  })
  t.equal(reply.status, 206)
  t.equal(await reply.text(), 'clip')
  const [sent = {}] = asked
  t.same(Object.keys(sent).sort(), ['connection', 'host', 'if-range', 'range'])
  for (const [name, value] of Object.entries({
    'content-type': 'video/mp4',
    'content-length': '4',
    'content-range': 'bytes 0-3/9',
    'accept-ranges': 'bytes',
    etag: '"e"',
    'last-modified': 'Thu, 01 Jan 1970 00:00:00 GMT',
    'cache-control': 'private, no-cache',
  }))
    t.equal(reply.headers.get(name), value, name)
  for (const name of ['set-cookie', 'x-cache', 'location']) t.notOk(reply.headers.has(name), name)
  t.not(reply.headers.get('x-frame-options'), 'ALLOWALL')
})

t.test('an error of Frigate would be handed on, or asked for again and again', async t => {
  let status = 503
  const { request, asked, path } = await startForwarding(t, (_, response) => {
    response.writeHead(status, { 'content-type': 'text/html', 'retry-after': '0', etag: '"e"' })
    response.end('<html>Traceback: /config/secret</html>')
  })
  const failed = await request(path)
  t.equal(failed.status, 502)
  t.match(await failed.json(), { error: 'Frigate answered with status 503', code: 'FRIGATE_REFUSED' })
  t.notOk(failed.headers.has('etag'))
  t.equal(asked.length, 1)
  status = 404
  t.match(await (await request(path)).json(), { code: 'CLIP_NOT_FOUND' })
  status = 302
  t.equal((await request(path)).status, 502, 'nobody is led elsewhere')
})

t.test('a client that leaves while it is answered would leave Frigate sending', async t => {
  let answering = 0
  const { request, asked, path, app } = await startForwarding(t, (_, response) => {
    answering++
    response.once('close', () => answering--)
    response.writeHead(200, { 'content-type': 'video/mp4', 'content-length': 1_000_000_000 })
    const send = () => {
      while (!response.destroyed && response.write(Buffer.alloc(65_536)));
    }
    response.on('drain', send)
    send()
  })
  const gone = new AbortController()
  const reply = await request(path, { signal: gone.signal })
  t.equal(reply.status, 200)
  t.equal(asked.length, 1)
  gone.abort()
  await until(() => answering === 0 && app.frigate.client.load.running === 0)
})

t.test('Frigate breaks off: the client would take a part for the whole', async t => {
  const { request, path } = await startForwarding(t, (_, response) => {
    response.writeHead(200, { 'content-type': 'video/mp4', 'content-length': 1000 })
    response.write('half')
    setTimeout(() => response.destroy(), 50)
  })
  const reply = await request(path)
  await t.rejects(reply.arrayBuffer())
})

t.test('a Frigate that falls silent in the midst of a clip would hold the connection for ever', async t => {
  const server = createServer((_, response) => void response.write('begun'))
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const client = new FrigateClient({
    origin: new URL(`http://127.0.0.1:${port}`),
    user: undefined,
    password: undefined,
    idleMs: 500,
  })
  t.teardown(async () => {
    await client.close()
    server.closeAllConnections()
    server.close()
  })
  const { body } = await client.openMedia('/clip', {})
  const page = Buffer.alloc(100)
  t.equal(await body.read(page), 5)
  await t.rejects(body.read(page), { code: 'FRIGATE_TIMEOUT', statusCode: 504 })
  await until(() => client.load.running === 0)
})
