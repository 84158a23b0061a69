import t, { type Test } from 'tap'
import type { SyntheticOptions } from '../../demo/footage/synthetic.ts'
import { type Disturb, hlsOf, joined, playedCamera, readSamples } from '../support/hls.ts'
import { type ReadPlaylist, readPlaylist } from '../support/playlist.ts'
import { random } from '../support/random.ts'
import { violations } from '../support/rfc8216.ts'

const SECONDS = 45

/** Plays a camera for a while and reads its playlists after each frame, as a player that never sleeps. */
async function watch(t: Test, options: SyntheticOptions, seconds = SECONDS, disturb?: Disturb) {
  const { hub, send } = await playedCamera(t, { bitrate: 64_000, ...options }, {}, disturb)
  const { hls } = hlsOf(hub)
  const read = { plain: [] as ReadPlaylist[], lowLatency: [] as ReadPlaylist[] }
  const broken = new Set<string>()
  const look = async () => {
    if (!hls.window || hls.window.segments.length === 0) return
    for (const [kind, text] of [
      ['plain', hls.plain()],
      ['lowLatency', await hls.lowLatency(undefined, false)],
    ] as const) {
      const before = read[kind].at(-1)
      if (before?.text === text) continue
      const playlist = readPlaylist(text)
      for (const sentence of violations(playlist, before)) broken.add(`${kind} ${sentence}`)
      read[kind].push(playlist)
    }
  }
  let played = 0
  while (played < seconds) {
    send(1)
    const { newest } = hub.media.ring
    if (newest?.fragment.track.kind === 'video') played = newest.decodeTime / newest.fragment.track.timescale
    await look()
  }
  t.same([...broken], [])
  return { hub, hls, ...read }
}

for (const gop of [0.5, 1, 1.3, 2, 4, 10, 12])
  for (const fps of [5, 15, 25, 30, 60])
    t.test(`players misread a camera with a GOP of ${gop} s at ${fps} frames/s`, async t => {
      const audio = fps % 2 === 0 ? ('none' as const) : ('aac' as const)
      const { plain, lowLatency, hls } = await watch(t, { gop, fps, audio })
      const last = plain.at(-1)!
      t.ok(plain.length > 3)
      t.ok(lowLatency.at(-1)!.segments.some(({ parts }) => parts.length > 0))
      const frame = 1 / fps
      const inFrames = last.segments.length > 0 ? lowLatency.at(-1)!.partTarget! / frame : 0
      t.ok(Math.abs(inFrames - Math.round(inFrames)) < 1e-3, `a part is ${inFrames} frames`)

      // What is listed is what is there: each segment begins where the ones before it end, and with the sync sample it promises.
      let end: number | undefined
      for (const segment of last.segments) {
        const there = hls.window!.find(segment.number)!
        const samples = readSamples(joined(there.parts)).filter(({ track }) => track === 1)
        const timescale = 90_000
        const start = samples[0]!.decodeTime / timescale
        t.ok(
          end === undefined || Math.abs(start - end) < 1e-4,
          `${segment.number} begins at ${start}, not ${end}`,
        )
        end = start + segment.seconds
        t.equal(samples[0]!.sync, there.parts[0]!.independent)
        if (gop <= 4) t.equal(samples[0]!.sync, true, 'segments start at keyframes')
        const sum = samples.reduce((total, { duration }) => total + duration, 0) / timescale
        t.ok(Math.abs(sum - segment.seconds) < 1e-5)
      }
    })

t.test('players misread a camera without video', async t => {
  const { hub, send } = await playedCamera(t, { video: 'none', audio: 'aac' })
  const { hls } = hlsOf(hub)
  let before: ReadPlaylist | undefined
  for (let i = 0; i < 600; i++) {
    send(1)
    if (!hls.window?.segments.length) continue
    const playlist = readPlaylist(await hls.lowLatency(undefined, false))
    t.same(violations(playlist, before), [])
    before = playlist
  }
  t.ok(before!.segments.length >= 6)
  t.ok(before!.segments.every(({ parts }) => parts.every(({ independent }) => independent)))
})

t.test('players misread H.265', async t => {
  const { hls } = await watch(t, { video: 'h265', audio: 'aac', gop: 2, fps: 25 }, 20)
  t.match(
    hls.multivariant('x'),
    /CODECS="hvc1\.1\.6\.L120\.90,mp4a\.40\.2",RESOLUTION=1920x1080,FRAME-RATE=25\.000/,
  )
})

/** Of a frame, from the earliest that it may come to the latest. */
const UNSTEADY = [0.02, 0.1, 0.2]
for (const fps of [5, 8, 10, 12, 15, 25, 30])
  t.test(`players misread a camera whose clock jitters at ${fps} frames/s`, async t => {
    for (const share of UNSTEADY) {
      const next = random(fps)
      const frame = 90_000 / fps
      const { plain, hls } = await watch(t, { gop: 2, fps, audio: 'aac' }, 60, sample =>
        sample.track === 0
          ? { ...sample, timestamp: Math.round(sample.timestamp + frame * share * (next() - 0.5)) }
          : sample,
      )
      const { targetDuration, partSeconds } = hls.timing!
      t.equal(targetDuration, 2)
      t.ok(partSeconds > 0.25 && partSeconds < 0.7, `a part of ${partSeconds} s`)
      t.ok(plain.length > 20)
    }
  })

// At fewer frames a lost one is more than 15 % of a part, and no cut is long enough and not too long.
for (const fps of [25, 30, 60])
  t.test(`players misread a camera whose frames get lost at ${fps} frames/s`, async t => {
    const next = random(fps)
    let lost = false
    const { plain } = await watch(t, { gop: 2, fps, audio: 'aac' }, 60, sample => {
      lost = !lost && sample.track === 0 && !sample.sync && next() < 0.02
      return lost ? undefined : sample
    })
    t.ok(plain.length > 20)
  })

t.test('players misread a camera that films more slowly at night', async t => {
  let count = 0
  const { plain } = await watch(t, { gop: 2, fps: 24 }, 60, sample => {
    if (sample.track !== 0) return sample
    const night = sample.timestamp > 20 * 90_000
    return night && !sample.sync && count++ % 3 !== 0 ? undefined : sample
  })
  t.ok(plain.length > 20)
})
