import t from 'tap'
import { CameraHealth } from '../../src/live/camera/camera-health.ts'
import { footage, read } from '../support/fmp4.ts'

const SILENT_MS = 10_000

/** A camera whose fragments a test lets arrive. */
function camera(audio: 'aac' | 'none' = 'aac') {
  const { inits, fragments } = read(footage({ fps: 25, gop: 1, audio }, 60))
  const health = new CameraHealth(SILENT_MS)
  health.tracks(inits[0]!)
  health.restart()
  // The first one of a connection has no time of its own.
  const of = (kind: string) => fragments.filter(({ track }) => track.kind === kind)[1]!
  let now = 1000
  /** For so many seconds, each of these tracks every 40 ms. */
  const run = (seconds: number, ...kinds: readonly ('video' | 'audio')[]) => {
    for (const until = now + seconds * 1000; now < until; now += 40)
      for (const kind of kinds) health.heard(of(kind), now)
  }
  return { health, of, run, now: () => now, reason: (apart = 0) => health.reasonToRenew(now, apart) }
}

t.test('a camera that sends what it said is connected anew', async t => {
  const { run, reason, health, now } = camera()
  run(10, 'video', 'audio')
  t.equal(reason(), undefined)
  t.equal(health.isStale(now()), false)
  t.equal(health.soundIsLost(now()), false)
})

t.test('a picture that dies while sound goes on is waited for for ever', async t => {
  const { run, reason, health } = camera()
  run(5, 'video', 'audio')
  run(2.5, 'audio')
  t.equal(reason(), undefined, 'not yet')
  run(1, 'audio')
  t.equal(reason()?.code, 'LIVE_PICTURE_LOST')
  health.restart()
  t.equal(reason(), undefined, 'the new connection has its time')
})

t.test('a camera of few pictures is taken for dead between two of them', async t => {
  const { health, of, run, reason, now } = camera()
  for (let i = 0; i < 6; i++) {
    health.heard(of('video'), now())
    run(2, 'audio')
  }
  run(3, 'audio')
  t.equal(reason(), undefined, 'five seconds are not five intervals')
  run(6, 'audio')
  t.equal(reason()?.code, 'LIVE_PICTURE_LOST')
})

t.test(
  'a camera that is silent altogether is left for its picture: its silence is judged elsewhere',
  async t => {
    const { run, reason } = camera()
    run(5, 'video', 'audio')
    run(9)
    t.equal(reason(), undefined)
  },
)

t.test('sound that stops is not asked for again, or is asked for again and again', async t => {
  const { run, reason, health, now } = camera()
  run(5, 'video', 'audio')
  run(3.5, 'video')
  t.equal(reason()?.code, 'LIVE_SOUND_LOST')
  t.equal(health.soundIsLost(now()), true)
  health.restart()
  run(30, 'video')
  t.equal(reason(), undefined, 'a camera that has none any more is left in peace')
  t.equal(health.soundIsLost(now()), true)
  run(1, 'video', 'audio')
  t.equal(health.soundIsLost(now()), false)
  run(4, 'video')
  t.equal(reason(), undefined, 'once a minute at most')
  run(1, 'video', 'audio')
  run(30, 'video')
  t.equal(reason()?.code, 'LIVE_SOUND_LOST')
})

t.test('sound of another speed than it says goes on', async t => {
  const { run, reason } = camera()
  run(5, 'video', 'audio')
  t.equal(reason(0.8), undefined)
  t.equal(reason(2)?.code, 'LIVE_SOUND_MISTIMED')
  t.equal(reason(2), undefined, 'not at once again')
})

t.test('a camera that began anew behind go2rtc is taken for the old one', async t => {
  const { run, health, of, now } = camera()
  run(5, 'video', 'audio')
  const picture = of('video')
  const again = { ...picture, sync: true, duration: picture.track.timescale / 1000 + 1 }
  t.equal(health.heard({ ...again, duration: picture.duration }, now() + 40), false)
  t.equal(health.heard(again, now() + 80), true)
  t.equal(health.heard(again, now() + 120), false, 'not at once again')
})

t.test('a camera with B-frames is looked at again and again', async t => {
  const { run, health, of, now } = camera()
  run(5, 'video', 'audio')
  const picture = of('video')
  const timeless = { ...picture, duration: picture.track.timescale / 1000 + 1 }
  t.equal(health.heard({ ...timeless, sync: false }, now()), false)
  t.equal(health.heard({ ...timeless, sync: true }, now() + 40), false)
})

t.test('a camera of a picture a second is looked at again with each', async t => {
  const { health, of } = camera()
  const picture = of('video')
  const slow = { ...picture, sync: true, duration: picture.track.timescale / 1000 + 1 }
  const looks = Array.from({ length: 40 }, (_, i) => health.heard(slow, 1000 + i * 1050))
  t.same([...new Set(looks)], [false])
})

t.test('pictures of a dead camera are live for ever', async t => {
  const { run, health, now } = camera('none')
  run(5, 'video')
  t.equal(health.isStale(now() + SILENT_MS - 500), false)
  t.equal(health.isStale(now() + SILENT_MS + 500), true)
})
