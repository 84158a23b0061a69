import t from 'tap'
import type { SyntheticOptions } from '../../demo/footage/synthetic.ts'
import type { Fragment } from '../../src/fmp4/fragments/fragment.ts'
import type { InitSegment, Track } from '../../src/fmp4/init/init-segment.ts'
import { Continuity, type Placement } from '../../src/live/camera/continuity.ts'
import { footage, read } from '../support/fmp4.ts'

/** Where a track has got to, in seconds, and how it was placed. */
interface Lane {
  readonly placed: Placement[]
  seconds: number
  /** In seconds: where one fragment was placed behind the end of the one before. */
  holes: number[]
}

/**
 * A camera as go2rtc sends it: the times of a track count what has been sent of it, and a sample that comes more than a second
 * after the one before it lasts a millisecond and a tick (pkg/mp4/muxer.go of go2rtc 1.9.14).
 */
class Camera {
  readonly #init: InitSegment
  readonly #continuity: Continuity
  readonly #picture: Fragment
  readonly #sound: Fragment | undefined
  readonly lanes: Record<'video' | 'audio', Lane> = {
    video: { placed: [], seconds: 0, holes: [] },
    audio: { placed: [], seconds: 0, holes: [] },
  }
  #sent = { video: 0, audio: 0 }
  now = 0

  constructor(audio: SyntheticOptions['audio'] = 'aac') {
    const { inits, fragments } = read(footage({ fps: 25, gop: 1, audio }, 60))
    this.#init = inits[0]!
    this.#continuity = new Continuity(this.#init)
    this.#picture = fragments.find(({ track }) => track.kind === 'video')!
    this.#sound = fragments.find(({ track }) => track.kind === 'audio')
  }

  reconnect(): void {
    this.#sent = { video: 0, audio: 0 }
    this.#continuity.restart()
  }

  /** `seconds` since the sample of the track before; go2rtc's duration for it. */
  picture(seconds: number): void {
    const { timescale } = this.#picture.track
    this.#send('video', this.#picture, seconds > 1 ? timescale / 1000 + 1 : Math.round(seconds * timescale))
  }

  sound(): void {
    if (this.#sound) this.#send('audio', this.#sound, this.#sound.duration)
  }

  #send(kind: 'video' | 'audio', fragment: Fragment, duration: number): void {
    const placement = this.#continuity.place(
      { ...fragment, decodeTime: this.#sent[kind], duration },
      this.now,
    )
    this.#sent[kind] += duration
    if (!placement) return
    for (const { track, frame, decodeTime, count } of placement.silences)
      this.#take(track.kind as 'audio', track, decodeTime, count * frame.duration)
    this.#take(kind, fragment.track, placement.decodeTime, placement.duration)
    this.lanes[kind].placed.push(placement)
  }

  #take(kind: 'video' | 'audio', { timescale }: Track, decodeTime: number, duration: number): void {
    const lane = this.lanes[kind]
    const hole = decodeTime / timescale - lane.seconds
    if (Math.abs(hole) > 1e-9) lane.holes.push(hole)
    lane.seconds = (decodeTime + duration) / timescale
  }

  /** Both tracks for so long, in real time; what `without` leaves out is lost. */
  run(seconds: number, without?: 'video' | 'audio', fps = 25): void {
    const until = this.now + seconds * 1000
    let [pictureAt, soundAt] = [this.now, this.now]
    while (Math.min(pictureAt, soundAt) < until) {
      if (pictureAt <= soundAt) {
        this.now = pictureAt
        if (without !== 'video') this.picture(this.#sincePicture(1 / fps))
        pictureAt += 1000 / fps
      } else {
        this.now = soundAt
        if (without !== 'audio') this.sound()
        soundAt += this.#sound
          ? (1000 * this.#sound.duration) / this.#sound.track.timescale
          : Number.POSITIVE_INFINITY
      }
    }
    this.now = until
  }

  #lastPicture: number | undefined
  #sincePicture(usual: number): number {
    const since = this.#lastPicture === undefined ? usual : (this.now - this.#lastPicture) / 1000
    this.#lastPicture = this.now
    return since
  }

  /** In seconds. */
  get silence(): number {
    const { placed } = this.lanes.video
    return [...placed, ...this.lanes.audio.placed]
      .flatMap(({ silences }) => silences)
      .reduce((sum, { frame, count, track }) => sum + (count * frame.duration) / track.timescale, 0)
  }

  get apart(): number {
    return this.lanes.video.seconds - this.lanes.audio.seconds
  }

  readonly holes = () =>
    [...this.lanes.video.holes, ...this.lanes.audio.holes].map(hole => Math.round(hole * 1e6))
}

t.test('a camera without any pause is changed', async t => {
  const camera = new Camera()
  camera.run(10)
  t.same(camera.holes(), [])
  t.ok(Math.abs(camera.lanes.video.seconds - 10) < 0.1, `${camera.lanes.video.seconds} s of pictures`)
  t.ok(Math.abs(camera.apart) < 0.1, `${camera.apart} s apart`)
  t.equal(camera.silence, 0)
})

t.test('six seconds without sound leave it six seconds behind, or a hole', async t => {
  const camera = new Camera()
  camera.run(5)
  camera.run(6, 'audio')
  camera.run(5)
  t.same(camera.holes(), [])
  t.ok(Math.abs(camera.apart) < 0.1, `${camera.apart} s apart`)
  t.ok(Math.abs(camera.silence - 6) < 0.2, `${camera.silence} s of silence`)
})

t.test('five seconds without pictures leave sound five seconds off', async t => {
  const camera = new Camera()
  camera.run(5)
  camera.run(5, 'video')
  camera.run(5)
  t.same(camera.holes(), [])
  t.ok(Math.abs(camera.apart) < 0.1, `${camera.apart} s apart`)
  t.ok(Math.abs(camera.lanes.video.seconds - 15) < 0.2, `${camera.lanes.video.seconds} s of pictures`)
})

for (const [fps, seconds] of [
  [0.5, 40],
  [0.97, 40],
  [0.2, 40],
] as const)
  t.test(`${fps} pictures a second stand still, or play at another speed`, async t => {
    const camera = new Camera('none')
    camera.run(seconds, undefined, fps)
    t.same(camera.holes(), [])
    const shown = camera.lanes.video.seconds + 1 / fps
    t.ok(Math.abs(shown - seconds) <= 1 / fps + 0.1, `${shown} s of ${seconds}`)
  })

t.test('a connection that stood still, and then brings all at once, adds time', async t => {
  const camera = new Camera()
  camera.run(5)
  const stoodFrom = camera.now
  camera.run(4, undefined)
  const { seconds } = camera.lanes.video
  camera.now = stoodFrom + 4000
  // The same in one burst: what was held back has its own times.
  camera.now += 3000
  for (let i = 0; i < 75; i++) {
    camera.picture(0.04)
    if (i % 2) camera.sound()
  }
  t.ok(Math.abs(camera.lanes.video.seconds - seconds - 3) < 0.05, `${camera.lanes.video.seconds - seconds} s`)
  t.same(camera.holes(), [])
})

for (const audio of ['aac', 'opus'] as const)
  t.test(`a reconnect leaves a hole in sound, however small (${audio})`, async t => {
    const camera = new Camera(audio)
    for (let i = 0; i < 10; i++) {
      camera.run(1.013 + i * 0.017)
      camera.now += 700
      camera.reconnect()
    }
    camera.run(2)
    t.ok(camera.lanes.audio.placed.length > 200)
    t.same(camera.holes(), [])
    t.ok(Math.abs(camera.apart) < 0.15, `${camera.apart} s apart after ten reconnects`)
  })

t.test('players wait for sound that does not come, and stand still', async t => {
  const camera = new Camera()
  camera.run(3)
  let most = 0
  for (let i = 0; i < 60; i++) {
    camera.run(0.1, 'audio')
    most = Math.max(most, camera.apart)
  }
  t.ok(most > 0.3 && most < 1, `sound ends ${most} s before the picture at most`)
  t.same(camera.holes(), [])
})

t.test('sound that is announced and never sent leaves everything black', async t => {
  const camera = new Camera()
  camera.run(5, 'audio')
  t.ok(Math.abs(camera.apart) < 0.3, `${camera.apart} s apart`)
  camera.run(5)
  t.ok(Math.abs(camera.apart) < 0.3, `${camera.apart} s apart when it comes after all`)
  t.same(camera.holes(), [])
})

t.test('sound that begins late plays with pictures of before', async t => {
  const camera = new Camera()
  camera.run(3, 'audio')
  camera.run(3)
  t.ok(Math.abs(camera.apart) < 0.1, `${camera.apart} s apart`)
})

t.test('sound of before the first keyframe has a place', async t => {
  const camera = new Camera()
  camera.sound()
  t.equal(camera.lanes.audio.placed.length, 0)
  camera.run(1)
  t.ok(camera.lanes.audio.placed.length > 10)
})
