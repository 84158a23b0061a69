import t, { type Test } from 'tap'
import { synthetic } from '../../../demo/footage/synthetic.ts'
import { boxTypes, readSamples } from '../../support/hls.ts'
import { startLive } from '../../support/live-server.ts'
import { type ReadPlaylist, readPlaylist } from '../../support/playlist.ts'
import { violations } from '../../support/rfc8216.ts'
import { until } from '../../support/until.ts'
import { newUser } from '../../support/users.ts'

const FAST = { Fast: [synthetic({ gop: 1, fps: 25, bitrate: 400_000 })] }

async function start(t: Test, env = {}) {
  const server = await startLive(t, { streams: FAST, env })
  const open = (query = '', token = server.user.token) =>
    openStream(`${server.origin}/api/camera/Fast/stream.m3u8?token=${token}${query}`)
  return { ...server, open }
}

/** As players do: the first playlist, then the one that it names. */
async function openStream(url: string) {
  const reply = await fetch(url)
  const text = await reply.text()
  if (reply.status !== 200) throw new Error(`${reply.status}: ${text}`)
  const media = new URL(text.trim().split('\n').at(-1)!, url)
  const load = async (query = '') => readPlaylist(await (await fetch(`${media}${query}`)).text())
  const at = (uri: string) => String(new URL(uri, media))
  return { text, media: String(media), load, at }
}

const bytesOf = async (url: string, init?: RequestInit) =>
  new Uint8Array(await (await fetch(url, init)).arrayBuffer())

t.test('a player cannot follow the playlists to pictures', async t => {
  const { open, origin, user, go2rtc } = await start(t)
  const { text, media, load, at } = await open()
  t.match(text, /CODECS="avc1\.640029,mp4a\.40\.2",RESOLUTION=1920x1080,FRAME-RATE=25\.000/)
  t.match(text, /BANDWIDTH=[1-9]\d{5},/)
  t.notMatch(text, user.token, 'no token in what a player keeps')
  t.match(media, /\/api\/hls\/[\w-]{24}\/media\.m3u8$/)
  t.equal((await open()).media, media, 'the handle is the same again')
  const playlist = await load()
  t.same(violations(playlist), [])
  const [segment] = playlist.segments
  t.same(boxTypes(await bytesOf(at(segment!.map))), ['ftyp', 'moov'])
  const samples = readSamples(await bytesOf(at(segment!.uri!)))
  t.equal(samples[0]!.sync, true)

  const byName = await openStream(`${origin}/api/go2rtc/hls/Fast/stream.m3u8?token=${user.token}&t=1`)
  t.ok((await byName.load()).segments.length > 0)
  t.equal(go2rtc.stream('Fast').opened, 1, 'all over one upstream connection')
})

t.test('caches keep what they must not, or a wrong type or missing HEAD and Range stop a player', async t => {
  const { open, origin, user } = await start(t)
  const { media, load, at } = await open()
  const first = await fetch(`${origin}/api/camera/Fast/stream.m3u8?token=${user.token}`)
  for (const reply of [first, await fetch(media)]) {
    t.equal(reply.headers.get('content-type'), 'application/vnd.apple.mpegurl')
    t.equal(reply.headers.get('cache-control'), 'no-store')
  }
  const { segments } = await load()
  const url = at(segments.at(-1)!.uri!)
  const whole = await bytesOf(url)
  const head = await fetch(url, { method: 'HEAD' })
  t.equal(head.headers.get('content-length'), String(whole.length))
  t.equal(head.headers.get('content-type'), 'video/mp4')
  t.match(head.headers.get('cache-control'), /^private/)
  t.equal(head.headers.get('accept-ranges'), 'bytes')
  for (const [range, from, to] of [
    ['bytes=0-1', 0, 2],
    ['bytes=100-', 100, whole.length],
    ['bytes=-7', whole.length - 7, whole.length],
    [`bytes=5-${whole.length + 50}`, 5, whole.length],
  ] as const) {
    const reply = await fetch(url, { headers: { range } })
    t.equal(reply.status, 206)
    t.equal(reply.headers.get('content-range'), `bytes ${from}-${to - 1}/${whole.length}`)
    t.same(new Uint8Array(await reply.arrayBuffer()), whole.slice(from, to))
  }
  t.equal((await fetch(url, { headers: { range: `bytes=${whole.length}-` } })).status, 416)
  for (const range of ['bytes=', 'bytes=9-3', 'bytes=0-1,5-6', 'lines=1-2', 'bytes=-'])
    t.equal((await fetch(url, { headers: { range } })).status, 200, `${range} is ignored`)
  t.equal((await fetch(media, { method: 'HEAD' })).status, 200)
})

t.test('low latency is given to who does not ask, or not to who does', async t => {
  const { open } = await start(t)
  t.match((await open()).media, /media\.m3u8$/)
  const { media, load, at } = await open('&ll=1')
  t.match(media, /low-latency\.m3u8$/)
  let before: ReadPlaylist | undefined
  for (let i = 0; i < 8; i++) {
    const last = before?.segments.at(-1)
    const query = last
      ? `?_HLS_msn=${last.uri ? last.number + 1 : last.number}&_HLS_part=${last.uri ? 0 : last.parts.length}`
      : ''
    const playlist = await load(query)
    t.same(violations(playlist, before), [])
    if (before) t.not(playlist.text, before.text, 'a reload brings something new')
    before = playlist
  }
  const samples = readSamples(await bytesOf(at(before!.hint!)))
  t.ok(samples.length > 0, 'the part that is hinted at comes when it is there')
  const env = await start(t, { HLS_LOW_LATENCY: '1' })
  t.match((await env.open()).media, /low-latency\.m3u8$/)
  t.match((await env.open('&ll=0')).media, /media\.m3u8$/)
})

t.test('bad input is answered with a 500, or with somebody else’s pictures', async t => {
  const { open, origin, user, app } = await start(t)
  const { media, load, at } = await open('&ll=1')
  const playlist = await load()
  const [segment] = playlist.segments
  const folder = media.replace(/\/[^/]+$/, '')
  const status = async (url: string, init?: RequestInit) => (await fetch(url, init)).status

  for (const query of [
    '_HLS_msn=-1',
    '_HLS_msn=9e99',
    '_HLS_msn=x',
    '_HLS_msn=',
    '_HLS_part=1',
    '_HLS_msn=99999999999',
    `_HLS_msn=${playlist.mediaSequence}&_HLS_part=-1`,
    '_HLS_msn=1&_HLS_msn=2',
  ])
    t.equal(await status(`${media}?${query}`), 400, query)
  const window = segment!.uri!.split('/')[0]!
  for (const name of [
    '1.m4s',
    '1.2.m4s',
    'init-9.mp4',
    'x',
    '-1.m4s',
    '9e9.m4s',
    '..%2f..%2fcameras',
    '%00',
    '1.m4s%00',
    '99999999999999999999.m4s',
  ])
    t.equal(await status(`${folder}/${window}/${name}`), 404, name)
  t.equal(await status(`${folder}/${window}x/${segment!.number}.m4s`), 404)
  t.equal(await status(`${folder}/../${window}/${segment!.number}.m4s`), 404)
  for (const handle of ['x', '..', '%2e%2e', 'A'.repeat(24), 'A'.repeat(500), '__proto__'])
    t.match(await status(`${origin}/api/hls/${handle}/media.m3u8`), 404, handle)
  t.equal(await status(`${origin}/api/camera/Nobody/stream.m3u8?token=${user.token}`), 404)
  t.equal(
    await status(`${origin}/api/go2rtc/hls/${encodeURIComponent('exec:id')}/stream.m3u8?token=${user.token}`),
    404,
  )
  t.equal(await status(`${origin}/api/camera/Fast/stream.m3u8`), 401)
  t.equal(await status(`${origin}/api/camera/Fast/stream.m3u8?token=x`), 401)
  t.equal(
    await status(`${origin}/api/hls-cache/${window}/${segment!.number}.m4s`),
    404,
    'no shared cache unless it is set up',
  )

  const other = await newUser(origin, user, 'somebody')
  t.equal(await status(at(segment!.uri!), { headers: { authorization: `Bearer ${other.token}` } }), 403)
  t.equal(await status(at(segment!.uri!), { headers: { authorization: `Bearer ${user.token}` } }), 200)
  t.not((await open('', other.token)).media, media)
  t.equal(app.handles.size, 2)
})

t.test('a camera that does not come is a 500, or keeps a player waiting', async t => {
  const { go2rtc, origin, user } = await start(t)
  go2rtc.stream('Fast').fail('i/o timeout')
  const reply = await fetch(`${origin}/api/camera/Fast/stream.m3u8?token=${user.token}`)
  t.equal(reply.status, 502)
  t.match(await reply.json(), { error: /i\/o timeout/ })
  go2rtc.stream('Fast').fail(undefined)
  go2rtc.stream('Fast').pause()
  const waited = await fetch(`${origin}/api/camera/Fast/stream.m3u8?token=${user.token}`)
  t.equal(waited.status, 503)
  t.equal(waited.headers.get('retry-after'), '3')
  t.match(await waited.json(), { error: 'Stream not ready yet, please try again in a few seconds' })
})

t.test('a revoked viewer goes on, or waits on', async t => {
  const { open, origin, user, app } = await start(t)
  const viewer = await newUser(origin, user, 'viewer')
  const { media, load, at } = await open('&ll=1', viewer.token)
  const { segments } = await load()
  const url = at(segments.at(-1)!.uri ?? segments.at(-2)!.uri!)
  t.equal((await fetch(url)).status, 200)
  const waiting = fetch(`${media}?_HLS_msn=${segments.at(-1)!.number + 1}`).then(
    () => 'answered',
    () => 'cut off',
  )
  await until(() => app.viewers.size > 0)
  await viewer.request('/api/auth/logout', { method: 'POST' })
  const since = performance.now()
  t.equal((await fetch(url)).status, 404)
  t.equal((await fetch(media)).status, 404)
  t.ok(performance.now() - since < 1000)
  t.equal(await waiting, 'cut off')
  t.equal(app.viewers.size, 0)
})

t.test('a user whose cameras change keeps a forbidden one, or loses an allowed one', async t => {
  const { open, origin, user } = await start(t)
  const viewer = await newUser(origin, user, 'viewer')
  const { media } = await open('', viewer.token)
  const allow = (cameras: string[]) =>
    user.request(`/api/admin/users/${viewer.user.id}/cameras`, {
      method: 'PUT',
      body: { mode: 'custom', cameras },
    })
  t.equal((await allow(['Fast'])).status, 200)
  t.equal((await fetch(media)).status, 200)
  t.equal((await allow(['Other'])).status, 200)
  t.equal((await fetch(media)).status, 404)
})

t.test('shutdown waits for players', async t => {
  const { open, app } = await start(t)
  const { media, load } = await open('&ll=1')
  const { segments } = await load()
  const waiting = fetch(`${media}?_HLS_msn=${segments.at(-1)!.number + 1}`).catch(() => undefined)
  await until(() => app.viewers.size > 0)
  await app.close()
  await waiting
  t.equal(app.live.budget.used, 0, 'and every byte is given back')
})

t.test('a window is kept for nobody', async t => {
  const { open, app } = await start(t)
  await open()
  const [hub] = app.live.hubs()
  const stream = await app.hls.open('Fast')
  t.equal(hub!.inUse, true, 'a viewer of HLS keeps the camera')
  stream.lastAccess -= 31_000
  hub!.lastAccess -= 31_000
  await until(() => app.hls.size === 0)
  await until(() => app.live.budget.used === 0)
  t.equal([...app.live.hubs()].length, 0)
})

t.test('a page of another origin that may use the API cannot load a segment', async t => {
  const page = 'http://localhost:5173'
  const { origin, user } = await start(t, { CORS_ORIGINS: page })
  const headers = { origin: page }
  const url = `${origin}/api/camera/Fast/stream.m3u8?token=${user.token}`
  const first = await fetch(url, { headers })
  const media = new URL((await first.clone().text()).trim().split('\n').at(-1)!, url)
  const playlist = await fetch(media, { headers })
  const [segment] = readPlaylist(await playlist.clone().text()).segments
  const replies = [first, playlist]
  for (const uri of [segment!.map, segment!.uri!]) replies.push(await fetch(new URL(uri, media), { headers }))
  for (const reply of replies) t.equal(reply.headers.get('access-control-allow-origin'), page, reply.url)
})

t.test('start-streaming does not warm what HLS plays, or stop-streaming takes it away', async t => {
  const { app, go2rtc, user, open } = await start(t)
  const post = (path: string) =>
    user.request(`/api/cameras/${path}`, { method: 'POST', body: { cameras: ['Fast'] } })
  await post('start-streaming')
  await until(() => [...app.live.hubs()].some(hub => hub.gop.lastSeconds !== undefined))
  const { load } = await open()
  t.ok((await load()).segments.length > 0)
  await post('stop-streaming')
  const { mediaSequence, segments } = await load()
  await until(async () => {
    const now = await load()
    return now.mediaSequence + now.segments.length > mediaSequence + segments.length
  })
  t.equal(go2rtc.stream('Fast').opened, 1)
})
