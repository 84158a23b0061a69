import type { Fragment } from '../../fmp4/fragments/fragment.ts'
import { hasNoTime } from './continuity.ts'

/** A track may be silent for so long, in milliseconds, and for so many of its own longest recent intervals. */
const PATIENCE_MS = 3000
const PATIENCE_INTERVALS = 5
/** Intervals that are looked back on. */
const RECENT = 16
/** A camera of more than two pictures in a second whose keyframe has no time of its own may have begun anew. */
const REGULAR_MS = 500
/** Not one whose other pictures have none either, within so long: they come in another order than their times. */
const ORDERED_MS = 10_000

/** Whether a track of the camera still sends. Times are in milliseconds of a steady clock. */
export class TrackWatch {
  /** When its last fragment of this connection came; undefined before the first. */
  heardAt: number | undefined
  /** When its last fragment came, of this connection or an earlier one. */
  newestAt: number | undefined
  #intervals: number[] = []
  #next = 0
  #outOfOrderAt = Number.NEGATIVE_INFINITY

  /** The connection begins anew. */
  restart(): void {
    this.heardAt = undefined
  }

  /** A fragment has come. True if the camera may have begun anew with it, behind the same connection. */
  heard(fragment: Fragment, now: number): boolean {
    const interval = now - (this.heardAt ?? now)
    const { longest } = this
    const isOrdered = now - this.#outOfOrderAt > ORDERED_MS
    const isRegular = isOrdered && this.#intervals.length === RECENT && longest < REGULAR_MS
    const isTimeless = hasNoTime(fragment)
    if (isTimeless && !fragment.sync) this.#outOfOrderAt = now
    this.heardAt = now
    this.newestAt = now
    if (interval === 0) return false
    this.#intervals[this.#next++ % RECENT] = interval
    return isRegular && isTimeless && fragment.sync
  }

  /** The longest of its recent intervals. */
  get longest(): number {
    return Math.max(0, ...this.#intervals)
  }

  /** Nothing has come for longer than is usual for it. */
  isSilent(now: number): boolean {
    const since = this.newestAt ?? Number.NEGATIVE_INFINITY
    return now - since > Math.max(PATIENCE_MS, PATIENCE_INTERVALS * this.longest)
  }

  /** How long it has been silent since it was heard on this connection, if that is longer than is usual for it. */
  stoppedFor(now: number): number | undefined {
    return this.heardAt !== undefined && this.isSilent(now) ? now - this.heardAt : undefined
  }
}
