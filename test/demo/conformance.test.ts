import t from 'tap'
import { until } from '../support/until.ts'
import { GO2RTC_BIN, startUpstream } from '../support/upstream.ts'
import { boxesOf, fragmentsOf } from './boxes.ts'
import { connect } from './connect.ts'
import { readUntil } from './read.ts'

/** What the server relies on in go2rtc. The same tests hold for a real one: `GO2RTC_BIN=/path npx tap <this file>`. */
t.comment(GO2RTC_BIN ?? 'the stand-in')

const CONTENT_TYPE = 'video/mp4; codecs="avc1.64001E,mp4a.40.2"'

t.test('streams are listed by name with producers, and consumers while there are any', async t => {
  const upstream = await startUpstream(t)
  const list = await (await fetch(`${upstream.origin}/api/streams`)).json()
  t.match(list, { Front_Door: { producers: [{ url: String }] }, Garage: { producers: [{}] } })
  const reader = (await fetch(`${upstream.origin}/api/stream.mp4?src=Garage`)).body?.getReader()
  await reader?.read()
  t.equal(await upstream.consumers('Garage'), 1)
  await reader?.cancel()
  await until(async () => (await upstream.consumers('Garage')) === 0)
})

t.test('stream.mp4: the boxes, one sample a fragment, each track from 0 and without a gap', async t => {
  const { origin } = await startUpstream(t)
  const { reply, bytes } = await readUntil(
    t,
    `${origin}/api/stream.mp4?src=Garden`,
    seen => fragmentsOf(seen).length >= 150,
  )
  t.equal(reply.headers.get('content-type'), CONTENT_TYPE)
  t.equal(reply.headers.get('transfer-encoding'), 'chunked')
  const types = boxesOf(bytes).map(({ type }) => type)
  t.same(types.slice(0, 2), ['ftyp', 'moov'])
  t.ok(types.slice(2).every((type, index) => type === (index % 2 === 0 ? 'moof' : 'mdat')))

  const samples = fragmentsOf(bytes)
  t.match(samples[0], { trackId: 1, decodeTime: 0, duration: 91, sync: true })
  for (const trackId of [1, 2]) {
    const own = samples.filter(sample => sample.trackId === trackId)
    t.ok(own.length > 20 && own[0]?.decodeTime === 0)
    t.same(
      own.slice(1).map(({ decodeTime }) => decodeTime),
      own.slice(0, -1).map(({ decodeTime, duration }) => decodeTime + duration),
    )
  }
})

t.test('a late consumer gets nothing before the next sync sample, not even the headers', async t => {
  const { origin } = await startUpstream(t)
  const url = `${origin}/api/stream.mp4?src=Garden`
  const abort = new AbortController()
  t.teardown(() => abort.abort())
  let seen = Buffer.alloc(0)
  const first = await fetch(url, { signal: abort.signal })
  let late: Promise<void> | undefined
  let lateHeadersAfter = -1
  const videos = () => fragmentsOf(seen).filter(({ trackId }) => trackId === 1)
  for await (const chunk of first.body ?? []) {
    seen = Buffer.concat([seen, chunk])
    if (videos().length >= 10 && !late) {
      late = fetch(url, { signal: abort.signal }).then(() => {
        lateHeadersAfter = videos().length
      })
    }
    if (lateHeadersAfter >= 0) break
  }
  await late
  const syncs = videos().flatMap(({ sync }, index) => (sync ? [index] : []))
  t.ok(lateHeadersAfter >= (syncs[1] ?? Number.POSITIVE_INFINITY), `headers after ${lateHeadersAfter} frames`)
})

t.test('video= and audio= choose; what does not fit is a 500 that says so', async t => {
  const { origin } = await startUpstream(t)
  const { reply } = await readUntil(
    t,
    `${origin}/api/stream.mp4?src=Garden&video=h264`,
    seen => fragmentsOf(seen).length >= 1,
  )
  t.equal(reply.headers.get('content-type'), 'video/mp4; codecs="avc1.64001E"')
  const none = await fetch(`${origin}/api/stream.mp4?src=Garden&video=h265`)
  t.equal(none.status, 500)
  t.match(await none.text(), /^streams: codecs not matched: video:H264, audio:AAC.* => video:H265\n$/)
})

t.test('an unknown name is 404, Safari is sent to HLS', async t => {
  const { origin } = await startUpstream(t)
  for (const path of [
    'stream.mp4?src=nobody',
    'frame.jpeg?src=nobody',
    'stream.mjpeg?src=nobody',
    'stream.mp4',
  ]) {
    const reply = await fetch(`${origin}/api/${path}`)
    t.equal(reply.status, 404, path)
    t.equal(await reply.text(), 'stream not found\n')
  }
  const safari = await fetch(`${origin}/api/stream.mp4?src=Garden`, {
    redirect: 'manual',
    headers: { 'user-agent': 'Mozilla/5.0 Version/17.0 Safari/605.1.15' },
  })
  t.equal(safari.status, 301)
  t.equal(safari.headers.get('location'), '/api/stream.m3u8?src=Garden&mp4')
})

t.test('WebSocket: mse is answered, then init segment and fragments; errors name their message', async t => {
  const { origin } = await startUpstream(t)
  const player = await connect(t, `${origin}/api/ws?src=Driveway`)
  player.ask('mse', 'avc1.640029,avc1.64002A,hvc1.1.6.L153.B0,mp4a.40.2,flac,opus')
  await until(() => player.media.length > 20)
  t.same(player.messages, [{ type: 'mse', value: CONTENT_TYPE }])
  t.equal(player.media[0]?.toString('latin1', 4, 8), 'ftyp')
  t.match(fragmentsOf(player.media[1]!)[0], { decodeTime: 0, sync: true })

  const h265 = await connect(t, `${origin}/api/ws?src=Driveway`)
  h265.ask('mse', 'hvc1.1.6.L153.B0')
  await until(() => h265.messages.length > 0)
  t.match(h265.messages, [{ type: 'error', value: /^mse: streams: codecs not matched: .* => video:H265$/ }])

  const nobody = await connect(t, `${origin}/api/ws?src=nobody`)
  nobody.ask('mse', 'avc1.640029')
  await until(() => nobody.messages.length > 0)
  t.same(nobody.messages, [{ type: 'error', value: 'mse: stream not found' }])
  await t.rejects(connect(t, `${origin}/api/ws?src=Driveway`, { origin: 'http://evil.example' }), {
    message: /403/,
  })
})

t.test('killed, every reader is cut off; it comes back on the same port', async t => {
  const upstream = await startUpstream(t)
  const player = await connect(t, `${upstream.origin}/api/ws?src=Driveway`)
  player.ask('mse', 'avc1.640029,mp4a.40.2')
  await until(() => player.media.length > 2)
  const reader = (await fetch(`${upstream.origin}/api/stream.mp4?src=Driveway`)).body?.getReader()
  await upstream.stop()
  await t.rejects(async () => {
    while (!(await reader?.read())?.done);
  })
  await until(() => player.socket.readyState === player.socket.CLOSED)
  await upstream.start()
  t.equal(await upstream.consumers('Driveway'), 0)
})
