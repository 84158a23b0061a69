import type { Fragment } from '../../fmp4/fragments/fragment.ts'
import type { InitSegment, Track } from '../../fmp4/init/init-segment.ts'

/** A jump ahead that is closed up, in seconds: players stall at a hole, and after a pause of the camera there is one. */
const LARGEST_GAP = 2

/** The track that governs GOPs and time: the first video track, else the first. */
export function primaryTrack(init: InitSegment): Track {
  return init.tracks.find(track => track.kind === 'video') ?? init.tracks[0]!
}

/**
 * Hub time: decode times that go on without a step back or a hole when the camera reconnects, restarts its clock or
 * pauses. All tracks are moved by the same amount.
 */
export class Continuity {
  readonly #primary: Track
  readonly #ends: number[]
  /** In units of the primary track's timescale; unknown until the primary track begins. */
  #offset: number | undefined

  constructor(init: InitSegment) {
    this.#primary = primaryTrack(init)
    this.#ends = init.tracks.map(() => 0)
  }

  /** The upstream connection begins anew, and its decode times with it. */
  restart(): void {
    this.#offset = undefined
  }

  /** Where a track has got to, in units of its timescale. */
  endOf(track: Track): number {
    return this.#ends[track.index]!
  }

  /** Where each track has got to, by index, in units of its timescale. */
  get ends(): readonly number[] {
    return this.#ends
  }

  /** The hub time of a fragment, in units of its track's timescale; undefined if it has no place and is dropped. */
  place(fragment: Fragment): number | undefined {
    const { track, decodeTime, duration } = fragment
    const isPrimary = track.index === this.#primary.index
    const end = this.#ends[track.index]!
    if (this.#offset === undefined) {
      if (!isPrimary || !fragment.sync) return undefined
      this.#offset = end - decodeTime
    }
    let time = decodeTime + this.#offsetOf(track)
    const ahead = isPrimary
      ? end
      : Math.max(end, this.#scale(this.#ends[this.#primary.index]!, this.#primary, track))
    const gap = time - ahead
    if (gap > LARGEST_GAP * track.timescale || (isPrimary && gap < 0)) {
      this.#offset -= this.#scale(gap, track, this.#primary)
      time = decodeTime + this.#offsetOf(track)
    }
    if (time < end && !isPrimary) return undefined
    time = Math.max(time, end)
    this.#ends[track.index] = time + duration
    return time
  }

  /** From a track's decode times to hub time, in units of its timescale; only once the primary track has begun. */
  offsetOf(track: Track): number | undefined {
    return this.#offset === undefined ? undefined : this.#offsetOf(track)
  }

  #offsetOf(track: Track): number {
    return this.#scale(this.#offset!, this.#primary, track)
  }

  #scale(ticks: number, from: Track, to: Track): number {
    return from.timescale === to.timescale ? ticks : Math.round((ticks * to.timescale) / from.timescale)
  }
}
