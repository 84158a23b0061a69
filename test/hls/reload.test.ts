import t from 'tap'
import { hlsOf, playedCamera } from '../support/hls.ts'
import { readPlaylist } from '../support/playlist.ts'
import { violations } from '../support/rfc8216.ts'

async function playing(t: Parameters<typeof playedCamera>[0], segments = 6) {
  const camera = await playedCamera(t, { gop: 1, fps: 10 })
  camera.send(33)
  const { hls } = hlsOf(camera.hub, { segments })
  return { ...camera, hls, window: hls.window! }
}

/** What a promise has come to by now. */
async function now<T>(promise: Promise<T>): Promise<T | 'waiting'> {
  return Promise.race([promise, new Promise<'waiting'>(resolve => setTimeout(resolve, 20, 'waiting'))])
}

t.test('a reload is answered before what it waits for is there, or not when it is', async t => {
  const { hls, window, send } = await playing(t)
  const number = window.openNumber
  const part = window.open?.parts.length ?? 0
  const nextPart = hls.lowLatency({ number, part }, false)
  const thisSegment = hls.lowLatency({ number, part: undefined }, false)
  t.equal(await now(nextPart), 'waiting')
  send(3)
  const last = readPlaylist((await nextPart) as string).segments.at(-1)!
  t.ok(last.parts.length > part || last.number > number)
  t.equal(await now(thisSegment), 'waiting')
  send(10)
  t.ok(readPlaylist(await thisSegment).segments.some(one => one.number === number && one.uri !== undefined))
  t.not(await now(hls.lowLatency({ number: number - 100, part: 3 }, false)), 'waiting', 'the past is there')
})

t.test('a part beyond the end of its segment is not the first of the next', async t => {
  const { hls, window, send } = await playing(t)
  const number = window.openNumber
  const beyond = hls.lowLatency({ number, part: 5 }, false)
  while (window.openNumber === number) send(1)
  t.equal(await now(beyond), 'waiting', 'the segment ended with fewer parts')
  send(4)
  t.ok(readPlaylist(await beyond).segments.at(-1)!.parts.length > 0)
})

t.test('a reload for the far future holds a connection', async t => {
  const { hls, window } = await playing(t)
  const number = window.openNumber
  for (const awaited of [
    { number: number + 2, part: undefined },
    { number: 9e14, part: 0 },
    { number, part: 999 },
    { number: number + 1, part: 999 },
  ])
    await t.rejects(hls.lowLatency(awaited, false), { code: 'HLS_BAD_RELOAD', statusCode: 400 })
})

t.test('a reload outlasts its client, the camera or the server', async t => {
  const { hls, window, source } = await playing(t)
  const awaited = { number: window.openNumber, part: undefined }
  const gone = new AbortController()
  const left = hls.lowLatency(awaited, false, gone.signal)
  gone.abort()
  t.not(await now(left), 'waiting')
  const lost = hls.lowLatency(awaited, false)
  source.opened.at(-1)!.receiver.end()
  t.not(await now(lost), 'waiting')
  const closed = hls.lowLatency(awaited, false)
  closed.catch(() => {})
  hls.close()
  await t.rejects(closed, { code: 'HLS_NOT_READY', statusCode: 503 })
})

t.test('the part that was hinted at is not to be had', async t => {
  const { hls, window, send } = await playing(t)
  const hinted = hls.part(window.openNumber, window.open?.parts.length ?? 0)
  t.equal(await now(hinted), 'waiting')
  send(4)
  t.equal((await hinted).length, 1)
  await t.rejects(hls.part(window.openNumber, 77), { code: 'HLS_GONE', statusCode: 404 })
  t.throws(() => hls.segment(window.openNumber), { code: 'HLS_GONE' }, 'an open segment is none yet')
  t.throws(() => hls.map(9), { code: 'HLS_GONE' })
})

t.test('a delta update leaves out what a client does not have, or nothing', async t => {
  const { hls, send } = await playing(t, 20)
  send(200)
  const whole = readPlaylist(await hls.lowLatency(undefined, false))
  const delta = readPlaylist(await hls.lowLatency(undefined, true))
  t.same(
    violations(delta).filter(sentence => !sentence.startsWith('4.4.4.5')),
    [],
    'the init segment is known from before',
  )
  t.ok(delta.skipped > 5)
  t.equal(delta.segments.length + delta.skipped, whole.segments.length)
  const kept = delta.segments.reduce((sum, one) => sum + one.seconds, 0)
  t.ok(kept >= 6 * delta.targetDuration - 1, 'what is younger than six target durations is there')
  const short = await playing(t)
  t.equal(readPlaylist(await short.hls.lowLatency(undefined, true)).skipped, 0)
})

t.test('a playlist is rendered for each request', async t => {
  const { hls, send } = await playing(t)
  const first = hls.plain()
  t.equal(hls.plain(), first)
  send(10)
  t.not(hls.plain(), first)
})
