import t from 'tap'
import { bytesOf, startHls } from '../../support/hls-client.ts'
import { readPlaylist } from '../../support/playlist.ts'

t.test('caches keep what they must not, or a wrong type or missing HEAD and Range stop a player', async t => {
  const { open, origin, user } = await startHls(t)
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

t.test('a page of another origin that may use the API cannot load a segment', async t => {
  const page = 'http://localhost:5173'
  const { origin, user } = await startHls(t, { CORS_ORIGINS: page })
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
