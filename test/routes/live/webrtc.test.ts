import t from 'tap'
import { startLive, TestPlayer } from '../../support/live-server.ts'
import { until } from '../../support/until.ts'

const OFFER = 'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n'
const RELAY = { env: { WEBRTC: 'relay' } }

t.test('with WEBRTC=relay an offer is not answered, or its tunnel outlives the viewer', async t => {
  const { app, go2rtc, origin, user } = await startLive(t, RELAY)
  const url = `${origin}/api/ws?src=Garage&name=x&dst=y&token=${user.token}`
  const player = await new TestPlayer(url, { cookie: 'secret=1' }).opened()
  player.say('webrtc/offer', OFFER)
  await until(() => player.texts.length === 2)
  t.match(player.texts, [
    { type: 'webrtc/answer', value: /^v=0/ },
    { type: 'webrtc/candidate', value: /^candidate:/ },
  ])
  player.say('webrtc/candidate', 'candidate:1 1 udp 1 127.0.0.1 9 typ host')
  player.say('mse', 'avc1.640029,mp4a.40.2')
  await until(() => player.media.length > 0)

  const relayed = go2rtc.requests.filter(({ url }) => url.startsWith('/api/ws'))
  t.same(
    relayed.map(({ url }) => url),
    ['/api/ws?src=Garage'],
    'one conversation, and nothing but the stream of the query',
  )
  for (const name of ['cookie', 'authorization', 'origin', 'user-agent'])
    t.equal(relayed[0]!.headers[name], undefined, name)

  t.equal(app.ledger.unreleased().tunnels, 1)
  player.ws.terminate()
  await until(() => app.ledger.unreleased().tunnels === undefined)
})

t.test('with WEBRTC=relay what is no offer reaches go2rtc', async t => {
  const { app, go2rtc, origin, user } = await startLive(t, RELAY)
  const player = await new TestPlayer(`${origin}/api/ws?src=Garage&token=${user.token}`).opened()
  player.say('hls')
  player.say('exec', 'id')
  await until(() => player.texts.length === 2)
  t.same(new Set(player.texts.map(({ type }) => type)), new Set(['error']))
  t.equal(app.ledger.unreleased().tunnels, undefined)
  t.notOk(go2rtc.requests.some(({ url }) => url.startsWith('/api/ws')))
})

t.test('with WEBRTC=relay WHEP does not pass, or carries what is the client’s alone to go2rtc', async t => {
  const { go2rtc, origin, user } = await startLive(t, RELAY)
  const post = (query: string, headers: Record<string, string> = {}) =>
    fetch(`${origin}/api/go2rtc/webrtc?${query}`, {
      method: 'POST',
      body: OFFER,
      headers: { 'content-type': 'application/sdp', ...headers },
    })
  const { authorization } = user.headers
  const reply = await post('src=Garage&name=x&dst=y', {
    authorization,
    cookie: 'secret=1',
    'user-agent': 'Mozilla/5.0 (iPhone) Safari/605.1',
    'x-other': '1',
  })
  t.equal(reply.status, 201)
  t.equal(reply.headers.get('content-type'), 'application/sdp')
  t.equal(reply.headers.get('cache-control'), 'no-store')
  t.match(await reply.text(), /^v=0/)

  const passed = go2rtc.requests.filter(({ url }) => url.startsWith('/api/webrtc'))
  t.same(
    passed.map(({ method, url }) => `${method} ${url}`),
    ['POST /api/webrtc?src=Garage'],
  )
  for (const { headers, body } of passed) {
    t.equal(body, OFFER)
    t.equal(headers['content-type'], 'application/sdp')
    t.equal(headers['content-length'], String(OFFER.length))
    for (const name of ['cookie', 'authorization', 'user-agent', 'x-other'])
      t.equal(headers[name], undefined, name)
  }

  t.equal((await post('src=Nowhere', { authorization })).status, 404)
  t.equal((await post('src=exec%3Aid', { authorization })).status, 404)
  t.equal((await post('src=Garage')).status, 401)
  t.equal((await post(`src=Garage&token=${user.token}`)).status, 401, 'only a GET may have it in the query')
  t.equal(go2rtc.requests.filter(({ url }) => url.startsWith('/api/webrtc')).length, 1)
})
