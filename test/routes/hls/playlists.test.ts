import t from 'tap'
import { boxTypes, readSamples } from '../../support/hls.ts'
import { bytesOf, openStream, startHls } from '../../support/hls-client.ts'
import type { ReadPlaylist } from '../../support/playlist.ts'
import { violations } from '../../support/rfc8216.ts'

t.test('a player cannot follow the playlists to pictures', async t => {
  const { open, origin, user, go2rtc } = await startHls(t)
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

t.test('low latency is given to who does not ask, or not to who does', async t => {
  const { open } = await startHls(t)
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
  const env = await startHls(t, { HLS_LOW_LATENCY: '1' })
  t.match((await env.open()).media, /low-latency\.m3u8$/)
  t.match((await env.open('&ll=0')).media, /media\.m3u8$/)
})

t.test('a camera that does not come is a 500, or keeps a player waiting', async t => {
  const { go2rtc, origin, user } = await startHls(t)
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
