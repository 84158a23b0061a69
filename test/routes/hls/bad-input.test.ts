import t from 'tap'
import { startHls } from '../../support/hls-client.ts'
import { newUser } from '../../support/users.ts'

t.test('bad input is answered with a 500, or with somebody else’s pictures', async t => {
  const { open, origin, user, app } = await startHls(t)
  const { media, load, at } = await open('&ll=1')
  const playlist = await load()
  const [segment] = playlist.segments
  const folder = media.replace(/\/[^/]+$/, '')
  const status = async (url: string, init?: RequestInit) => {
    const { status } = await fetch(url, init)
    t.equal((await fetch(url, { ...init, method: 'HEAD' })).status, status, `HEAD ${url}`)
    return status
  }

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
