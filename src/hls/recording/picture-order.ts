import type { Packet } from '../../live/memory/ring.ts'

/** In seconds: go2rtc's millisecond and a tick for a sample that does not come after the one before it. */
const NO_TIME = 0.0015
/** Clocks that slip leave fewer samples without a time, B-frames many more. */
const BROKEN_SHARE = 0.1
const FEWEST_BROKEN = 3
const LOOKED_AT = 50

/**
 * Whether pictures come in the order of their times. Where they do not (B-frames by RTP), go2rtc keeps the steps forward
 * and loses those back, so that its timeline runs away from the clock.
 */
export class PictureOrder {
  #seen = 0
  #without = 0

  /** False once too many of the last samples had no time of their own. */
  accepts({ startsGop, fragment: { duration, track } }: Packet): boolean {
    if (this.#seen === LOOKED_AT) this.#seen = this.#without = 0
    this.#seen++
    // The first one after a connect has none either.
    if (!startsGop && duration <= NO_TIME * track.timescale) this.#without++
    return this.#without < FEWEST_BROKEN || this.#without < this.#seen * BROKEN_SHARE
  }
}
