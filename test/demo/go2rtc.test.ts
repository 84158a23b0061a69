import t from 'tap'
import { synthetic } from '../../demo/footage/synthetic.ts'
import { CAMERA_PASSWORD } from '../../demo/go2rtc/stream.ts'
import { startGo2rtc } from '../support/go2rtc.ts'
import { until } from '../support/until.ts'
import { boxesOf, fragmentsOf } from './boxes.ts'
import { readUntil } from './read.ts'

const fragments = (count: number) => (bytes: Buffer) => fragmentsOf(bytes).length >= count

t.test('the stream list has the shape of go2rtc and the source URLs with their password', async t => {
  const go2rtc = await startGo2rtc(t)
  const list = (await (await fetch(`${go2rtc.origin}/api/streams`)).json()) as Record<string, unknown>
  t.same(Object.keys(list), ['Front_Door', 'Driveway', 'Garden', 'Garage'])
  t.match(list.Garden, { producers: [{ url: new RegExp(CAMERA_PASSWORD) }], consumers: null })
})

t.test(
  'stream.mp4 is an init segment and one moof+mdat per frame and packet, from a sync sample at time 0',
  async t => {
    const go2rtc = await startGo2rtc(t)
    const { reply, bytes } = await readUntil(t, `${go2rtc.origin}/api/stream.mp4?src=Garden`, fragments(40))
    t.equal(reply.headers.get('content-type'), 'video/mp4; codecs="avc1.64001E,mp4a.40.2"')
    const types = boxesOf(bytes).map(({ type }) => type)
    t.same(types.slice(0, 6), ['ftyp', 'moov', 'moof', 'mdat', 'moof', 'mdat'])
    const [first] = fragmentsOf(bytes)
    t.match(first, { trackId: 1, decodeTime: 0, sync: true })
    t.ok(fragmentsOf(bytes).some(({ trackId }) => trackId === 2))
    await until(() => go2rtc.stream('Garden').consumers.size === 0)
  },
)

t.test('each track goes on where its last sample ended', async t => {
  const go2rtc = await startGo2rtc(t)
  const { bytes } = await readUntil(t, `${go2rtc.origin}/api/stream.mp4?src=Garden`, fragments(60))
  for (const track of [1, 2]) {
    const own = fragmentsOf(bytes).filter(({ trackId }) => trackId === track)
    t.same(
      own.slice(1).map(({ decodeTime }) => decodeTime),
      own.slice(0, -1).map(({ decodeTime, duration }) => decodeTime + duration),
    )
  }
})

t.test('a second consumer waits for the next sync sample, and its times start at 0 too', async t => {
  const go2rtc = await startGo2rtc(t, { cam: [synthetic({ gop: 1, bitrate: 100_000 })] })
  const url = `${go2rtc.origin}/api/stream.mp4?src=cam`
  const first = readUntil(t, url, fragments(60))
  await until(() => (go2rtc.stream('cam').consumers.values().next().value?.bytesSent ?? 0) > 5000)
  const second = await readUntil(t, url, fragments(3))
  t.match(fragmentsOf(second.bytes)[0], { trackId: 1, decodeTime: 0, sync: true })
  t.equal(go2rtc.stream('cam').opened, 2)
  await first
})

t.test('mp4= and video=/audio= choose the tracks as they do in go2rtc', async t => {
  const go2rtc = await startGo2rtc(t, {
    cam: [synthetic({ video: 'h265', audio: 'pcma' }), synthetic({ video: 'h264', audio: 'none' })],
  })
  const types: Record<string, string> = {
    '': 'hvc1.1.6.L153.B0',
    '&mp4': 'hvc1.1.6.L153.B0',
    '&mp4=flac': 'hvc1.1.6.L153.B0,flac',
    '&mp4=flac&video=h264': 'hvc1.1.6.L153.B0,flac',
    '&video=h264': 'avc1.640029',
    '&video=h264&audio=pcma': 'avc1.640029,flac',
  }
  for (const [query, codecs] of Object.entries(types)) {
    const { reply } = await readUntil(t, `${go2rtc.origin}/api/stream.mp4?src=cam${query}`, fragments(1))
    t.equal(reply.headers.get('content-type'), `video/mp4; codecs="${codecs}"`, query)
  }
  const none = await fetch(`${go2rtc.origin}/api/stream.mp4?src=cam&video=av1`)
  t.equal(none.status, 500)
  t.equal(await none.text(), 'streams: codecs not matched: video:H265, audio:PCMA, video:H264 => video:AV1\n')
})

t.test('an unknown src is refused, and counted where go2rtc might have created it', async t => {
  const go2rtc = await startGo2rtc(t)
  const reply = await fetch(`${go2rtc.origin}/api/stream.mp4?src=${encodeURIComponent('exec:id')}`)
  t.equal(reply.status, 404)
  t.equal(await reply.text(), 'stream not found\n')
  t.equal(go2rtc.created, 1)
  t.match(go2rtc.requests, [{ method: 'GET', url: '/api/stream.mp4?src=exec%3Aid' }])
})

t.test('Safari is sent to HLS', async t => {
  const go2rtc = await startGo2rtc(t)
  const reply = await fetch(`${go2rtc.origin}/api/stream.mp4?src=Garden`, {
    redirect: 'manual',
    headers: { 'user-agent': 'Mozilla/5.0 (Macintosh) Version/17.0 Safari/605.1.15' },
  })
  t.equal(reply.status, 301)
  t.equal(reply.headers.get('location'), '/api/stream.m3u8?src=Garden&mp4')
})

t.test('pictures come one by one and as multipart', async t => {
  const go2rtc = await startGo2rtc(t)
  const frame = await fetch(`${go2rtc.origin}/api/frame.jpeg?src=Garage`)
  t.equal(frame.headers.get('content-type'), 'image/jpeg')
  const bytes = Buffer.from(await frame.arrayBuffer())
  t.equal(bytes.length, Number(frame.headers.get('content-length')))
  t.equal(bytes.toString('hex', 0, 3), 'ffd8ff')
  t.equal(bytes.toString('hex', bytes.length - 2), 'ffd9')
  const url = `${go2rtc.origin}/api/stream.mjpeg?src=Garage`
  const stream = await readUntil(t, url, seen => seen.includes('--frame', 10))
  t.equal(stream.reply.headers.get('content-type'), 'multipart/x-mixed-replace; boundary=frame')
})

t.test('a paused stream stays open and silent, a closed one ends, a failing one says why', async t => {
  const go2rtc = await startGo2rtc(t, { cam: [synthetic({ bitrate: 100_000 })] })
  const stream = go2rtc.stream('cam')
  const url = `${go2rtc.origin}/api/stream.mp4?src=cam`
  const reader = (await fetch(url)).body?.getReader()
  await reader?.read()
  stream.pause()
  const sent = [...stream.consumers][0]?.bytesSent
  await new Promise(resolve => setTimeout(resolve, 300))
  t.equal([...stream.consumers][0]?.bytesSent, sent)
  stream.resume()
  await until(() => ([...stream.consumers][0]?.bytesSent ?? 0) > (sent ?? 0))
  stream.closeAll()
  await t.rejects(async () => {
    while (!(await reader?.read())?.done);
  })
  t.equal(stream.consumers.size, 0)
  stream.fail('read tcp: i/o timeout')
  const refused = await fetch(url)
  t.equal(refused.status, 500)
  t.equal(await refused.text(), 'streams: read tcp: i/o timeout\n')
})

t.test('a restart cuts everything and comes back on the same port', async t => {
  const go2rtc = await startGo2rtc(t)
  const { origin } = go2rtc
  const reader = (await fetch(`${origin}/api/stream.mp4?src=Garden`)).body?.getReader()
  await go2rtc.stop()
  await t.rejects(async () => {
    while (!(await reader?.read())?.done);
  })
  await t.rejects(fetch(`${origin}/api`))
  await go2rtc.start()
  t.equal(go2rtc.origin, origin)
  t.match(await (await fetch(`${origin}/api`)).json(), { version: /^1\.9/ })
})
