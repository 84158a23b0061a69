import t from 'tap'
import { initSegment } from '../../demo/fmp4/init-segment.ts'
import { Muxer } from '../../demo/fmp4/muxer.ts'
import { synthetic } from '../../demo/footage/synthetic.ts'
import { hlsOf, joined, playedCamera, ROOMY, readSamples } from '../support/hls.ts'
import { readPlaylist } from '../support/playlist.ts'
import { violations } from '../support/rfc8216.ts'

const KIB = 1024

t.test('a warm stream makes its first viewer wait', async t => {
  const { hub, send } = await playedCamera(t, { gop: 2, fps: 25, audio: 'aac' })
  send(150)
  const { hls } = hlsOf(hub)
  const { segments } = readPlaylist(hls.plain())
  t.ok(segments.length >= 1, 'the playlist is there at once')
  const [first] = readSamples(joined(hls.segment(segments[0]!.number)))
  t.equal(first!.sync, true)
  t.same(
    Buffer.from(first!.data),
    Buffer.from(hub.media.gop.start!.fragment.mdat.subarray(8)),
    'and shows the keyframe',
  )
  const listed = segments.reduce((sum, { seconds }) => sum + seconds, 0)
  const { open } = hls.window!
  t.ok(listed + (open?.seconds ?? 0) >= 4, 'what a player needs in hand until the next segment is there')
})

t.test(
  'the first player with low latency waits, for its playlist or until the open segment is complete',
  async t => {
    for (const fps of [5, 10, 25, 30])
      for (const frames of [1, 2, 0.4, 0.8].map(share => Math.ceil(share * (share < 1 ? 2 * fps : 1)))) {
        const { hub, send } = await playedCamera(t, { gop: 2, fps })
        send(2 * fps + frames)
        const { hls } = hlsOf(hub)
        await hls.readyForParts(new AbortController().signal)
        const playlist = readPlaylist(await hls.lowLatency(undefined, false))
        t.same(violations(playlist, undefined), [])
        // As hls.js has it (`shouldLoadParts`): there are parts before the open segment, and it begins among them.
        const partial = playlist.segments.filter(({ parts }) => parts.length > 0)
        const reach = partial.flatMap(({ parts }) => parts).reduce((sum, { seconds }) => sum + seconds, 0)
        t.ok(partial[0]?.uri !== undefined)
        t.ok(
          reach >= 3 * playlist.partTarget! - 1e-3,
          `${reach} s, ${frames} frames after a keyframe, ${fps} frames/s`,
        )
      }
  },
)

t.test('sound and picture drift apart, or a track has a hole, where the still picture ends', async t => {
  const { hub, send } = await playedCamera(t, { gop: 2, fps: 25, audio: 'aac' })
  send(400)
  const { hls } = hlsOf(hub)
  send(400)
  const samples = hls.window!.segments.flatMap(({ parts }) => readSamples(joined(parts)))
  for (const [track, timescale, slack] of [
    [1, 90_000, 0],
    [2, 16_000, 0.13],
  ] as const) {
    const own = samples.filter(sample => sample.track === track)
    t.ok(own.length > 50)
    for (const [i, sample] of own.entries()) {
      const before = own[i - 1]
      const hole = before ? (sample.decodeTime - before.decodeTime - before.duration) / timescale : 0
      if (hole < 0 || hole > slack) t.fail(`${hole} s between samples ${i - 1} and ${i} of track ${track}`)
    }
  }
})

t.test('segments are copies of what the hub holds', async t => {
  const { hub, send } = await playedCamera(t, { gop: 1, fps: 25, bitrate: 4_000_000 })
  send(30)
  const { hls } = hlsOf(hub)
  send(65)
  const inHub = new Set<ArrayBufferLike>()
  for (let at = hub.media.ring.oldest; at; at = hub.media.ring.at(at.sequence + 1))
    inHub.add(at.fragment.mdat.buffer)
  const { open, segments } = hls.window!
  const shared = [...segments, ...(open ? [open] : [])]
    .flatMap(({ parts }) => parts.flatMap(({ chunks }) => chunks))
    .filter(({ buffer }) => inHub.has(buffer))
  t.ok(shared.length >= 14, `${shared.length} chunks lie in the hub's own packets`)
})

t.test('bytes are lost or counted twice when HLS ends', async t => {
  const { hub, send } = await playedCamera(t, { gop: 1, fps: 25, audio: 'aac' })
  send(60)
  const before = () => hub.media.ring.bytes + hub.media.init!.bytes.length
  t.equal(hub.media.budget.used, before())
  const { hls } = hlsOf(hub)
  send(500)
  t.ok(hub.media.budget.used > before() * 2)
  hls.close()
  t.equal(hub.media.budget.used, before(), 'all is given back')
  t.equal(hls.closed, true)
})

t.test('a full stream takes the window beyond three segments, and no more', async t => {
  const streamBytes = 512 * KIB
  const { hub, send, source } = await playedCamera(
    t,
    { gop: 1, fps: 10, bitrate: 640_000 },
    { limits: { ...ROOMY, fragmentBytes: 64 * KIB, viewerBytes: 128 * KIB, streamBytes } },
  )
  const { hls, ended } = hlsOf(hub)
  let fewest = Number.POSITIVE_INFINITY
  let before: ReturnType<typeof readPlaylist> | undefined
  for (let i = 0; i < 300; i++) {
    send(1)
    if (i < 60) continue
    fewest = Math.min(fewest, hls.window!.segments.length)
    const playlist = readPlaylist(hls.plain())
    t.same(violations(playlist, before), [])
    before = playlist
  }
  t.same(ended, [])
  t.ok(fewest >= 3 && fewest < 6, `${fewest} segments are left`)
  t.ok(hub.media.budget.peak <= streamBytes)
  t.equal(source.opened.length, 1, 'the camera stays connected')
})

t.test('a stream whose three segments do not fit takes the hub with it, or does not say why', async t => {
  const { hub, send, source } = await playedCamera(
    t,
    { gop: 2, fps: 10, bitrate: 1_500_000, syncWeight: 2 },
    { limits: { ...ROOMY, fragmentBytes: 64 * KIB, viewerBytes: 128 * KIB, streamBytes: 768 * KIB } },
  )
  const { hls, ended } = hlsOf(hub)
  send(200)
  t.same(ended, ['HLS_WINDOW_TOO_LARGE'])
  t.throws(() => hls.plain(), {
    code: 'HLS_WINDOW_TOO_LARGE',
    statusCode: 503,
    message: /it needs \d+ KiB, the limit is 768 KiB/,
  })
  t.equal(source.opened.length, 1, 'the camera stays connected')
  t.equal(hub.media.budget.used, hub.media.ring.bytes + hub.media.init!.bytes.length)
})

t.test('pictures in another order than their times are played as slowly as go2rtc makes them', async t => {
  let count = 0
  const { hub, send, source } = await playedCamera(t, { gop: 2, fps: 10 }, {}, sample => {
    const later = [-1, 2, -1][count++ % 3]!
    return sample.sync ? sample : { ...sample, timestamp: sample.timestamp + later * 9000 }
  })
  const { hls, ended } = hlsOf(hub)
  send(45)
  t.same(ended, ['HLS_MISTIMED'])
  t.throws(() => hls.plain(), { statusCode: 415, message: /B-frames: switch them off in the camera/ })
  const again = hlsOf(hub)
  send(20)
  t.same(again.ended, ['HLS_MISTIMED'])
  t.equal(source.opened.length, 1, 'the camera stays connected')
  t.equal(hub.media.budget.used, hub.media.ring.bytes + hub.media.init!.bytes.length)
})

t.test('a reconnect steps back, or leaves a hole in the playlist', async t => {
  const { hub, send, source } = await playedCamera(t, { gop: 1, fps: 10 })
  send(25)
  const { hls } = hlsOf(hub)
  send(20)
  const before = readPlaylist(hls.plain())
  source.opened.at(-1)!.receiver.end()
  while (source.openCount === 0) await new Promise(resolve => setTimeout(resolve, 5))
  const { tracks, samples } = synthetic({ gop: 1, fps: 10, audio: 'none' })
  const again = new Muxer(tracks)
  source.send(initSegment(tracks))
  const next = samples()
  for (let i = 0; i < 45; i++) source.send(again.fragment(0, next.next().value))
  const after = readPlaylist(hls.plain())
  t.same(violations(after, before), [])
  t.ok(after.segments.length > before.segments.length)
  t.notOk(
    after.segments.some(({ discontinuity }) => discontinuity),
    'it decodes as before',
  )
})

t.test('a camera that comes back with another resolution breaks players', async t => {
  const { hub, send, source } = await playedCamera(t, { gop: 1, fps: 10 })
  send(25)
  const { hls } = hlsOf(hub)
  send(20)
  let before = readPlaylist(hls.plain())
  source.opened.at(-1)!.receiver.end()
  while (source.openCount === 0) await new Promise(resolve => setTimeout(resolve, 5))
  const { tracks, samples } = synthetic({
    video: 'h265',
    gop: 1,
    fps: 10,
    audio: 'none',
    width: 640,
    height: 480,
  })
  const again = new Muxer(tracks)
  source.send(initSegment(tracks))
  const next = samples()
  const first = before.discontinuitySequence
  const maps = new Set<string>()
  for (let i = 0; i < 400; i++) {
    source.send(again.fragment(0, next.next().value))
    const now = readPlaylist(hls.plain())
    t.same(violations(now, before), [])
    for (const { map } of now.segments) maps.add(map)
    if (i === 45) {
      t.equal(now.segments.filter(({ discontinuity }) => discontinuity).length, 1)
      t.match(hls.multivariant('x'), /CODECS="hvc1.*RESOLUTION=640x480/)
    }
    before = now
  }
  t.equal(maps.size, 2)
  t.equal(before.discontinuitySequence, first + 1, 'the tag is counted when it is gone')
  t.notOk(before.segments.some(({ discontinuity }) => discontinuity))
  hls.expire(performance.now() + 60_000)
  t.throws(() => hls.map(0), { code: 'HLS_GONE' }, 'and so is the old init segment, in time')
})

t.test('a second window of a stream has numbers or times that the first one had, or leaps ahead', async t => {
  const { hub, send } = await playedCamera(t, { gop: 1, fps: 10 })
  send(25)
  const { hls, kept } = hlsOf(hub)
  send(600)
  const last = hls.window!.next
  const [claimed] = kept.slice(-1)
  t.ok(claimed!.number > last.number && claimed!.number <= last.number + 60, 'a killed process is ahead')
  t.ok(kept.length < 5, 'and has seldom written')
  const ratio = (claimed!.seconds - last.seconds) / (claimed!.number - last.number)
  t.ok(Math.abs(ratio - 1) < 0.1, 'in numbers as in seconds')
  hls.close()
  t.same(kept.at(-1), last)
  const again = hlsOf(hub, { position: kept.at(-1)! }).hls
  const [first] = again.window!.segments
  t.not(again.id, hls.id)
  t.equal(first!.number, last.number)
  t.ok(Math.abs(first!.start - last.seconds) < 1e-4)
  t.equal(again.window!.discontinuitySequence, last.discontinuity)
})

t.test('every frame of the window costs the process a packet', async t => {
  const { hub, send } = await playedCamera(t, { gop: 1, fps: 25, audio: 'aac' })
  send(60)
  const { hls } = hlsOf(hub)
  send(300)
  const bytes = hls.window!.segments.map(({ parts }) => joined(parts))
  const settled = hls.window!.segments.slice(0, -1).flatMap(({ parts }) => parts)
  t.ok(settled.length > 6)
  t.ok(
    settled.every(({ chunks }) => chunks.length === 1),
    'what the hub needs no more is put together',
  )
  for (const [i, one] of bytes.entries())
    t.equal(readSamples(one).length > 0 && one.length, hls.window!.segments[i]!.bytes)
  send(2)
})
