import type { CodedError } from '../../errors.ts'
import type { Fragment } from '../../fmp4/fragments/fragment.ts'
import type { InitSegment } from '../../fmp4/init/init-segment.ts'
import { PictureLost, SoundLost, SoundMistimed } from '../errors.ts'
import { primaryTrack } from './continuity.ts'
import { TrackWatch } from './track-watch.ts'

/** From one look at what go2rtc says of a camera to the next, in milliseconds. */
const LOOK_AGAIN_MS = 10_000
/** Sound and picture that are further apart are not of one clock, in seconds. */
const APART = 1.5
/** From one attempt to get sound back by a new connection to the next: at first, and at most. Each interrupts the picture. */
const SOUND_RETRY_MS = 60_000
const SOUND_RETRY_MOST_MS = 3_600_000
/** Sound that has come for so much longer than pictures goes on without them; else all has stopped. */
const GOES_ON_MS = 2000
/** No newcomer is shown pictures that are older than so many of the camera's own longest recent intervals. */
const PICTURE_AGE_INTERVALS = 5

/** Whether a camera sends what it said: a picture that goes on, and sound in step with it. Times are in milliseconds of a steady clock. */
export class CameraHealth {
  readonly #silentMs: number
  #watches: readonly TrackWatch[] = []
  #primary = 0
  #lookedAgainAt = Number.NEGATIVE_INFINITY
  #soundRetryAt = Number.NEGATIVE_INFINITY
  #soundRetryMs = SOUND_RETRY_MS

  constructor(silentMs: number) {
    this.#silentMs = silentMs
  }

  /** The camera has these tracks from now on. */
  tracks(init: InitSegment): void {
    this.#watches = init.tracks.map(() => new TrackWatch())
    this.#primary = primaryTrack(init).index
  }

  /** The connection begins anew. */
  restart(): void {
    for (const watch of this.#watches) watch.restart()
  }

  /** A fragment has come. True if go2rtc is to be asked what the camera sends now: it may have begun anew behind go2rtc. */
  heard(fragment: Fragment, now: number): boolean {
    const mayBeOther = this.#watches[fragment.track.index]!.heard(fragment, now)
    if (!mayBeOther || fragment.track.index !== this.#primary) return false
    if (now - this.#lookedAgainAt < LOOK_AGAIN_MS) return false
    this.#lookedAgainAt = now
    return true
  }

  /** When the newest picture came; undefined before the first. */
  get pictureAt(): number | undefined {
    return this.#watches[this.#primary]?.newestAt
  }

  /** There is a picture, and no sound although it was announced. */
  soundIsLost(now: number): boolean {
    return this.pictureAt !== undefined && this.#sound.some(watch => watch.isSilent(now))
  }

  /** The newest picture is too old to be shown as live. */
  isStale(now: number): boolean {
    const watch = this.#watches[this.#primary]
    if (watch?.newestAt === undefined) return false
    return now - watch.newestAt > Math.max(this.#silentMs, PICTURE_AGE_INTERVALS * watch.longest)
  }

  /** Why the connection is to be made anew, where it does not say so itself. Tracks are `apart` by so many seconds. */
  reasonToRenew(now: number, apart: number): CodedError | undefined {
    const picture = this.#watches[this.#primary]
    if (picture?.heardAt === undefined) return undefined
    const { heardAt } = picture
    const lost = picture.stoppedFor(now)
    if (lost !== undefined) {
      const goesOn = this.#sound.some(sound => (sound.heardAt ?? 0) - heardAt > GOES_ON_MS)
      return goesOn ? new PictureLost(inSeconds(lost)) : undefined
    }
    const quiet = this.#sound.map(sound => sound.stoppedFor(now)).find(ms => ms !== undefined)
    if (now < this.#soundRetryAt || (quiet === undefined && apart < APART)) return undefined
    this.#soundRetryAt = now + this.#soundRetryMs
    this.#soundRetryMs = Math.min(2 * this.#soundRetryMs, SOUND_RETRY_MOST_MS)
    return quiet === undefined ? new SoundMistimed(apart.toFixed(1)) : new SoundLost(inSeconds(quiet))
  }

  get #sound(): TrackWatch[] {
    return this.#watches.filter((_, index) => index !== this.#primary)
  }
}

function inSeconds(ms: number): string {
  return (ms / 1000).toFixed(1)
}
