import type { InitSegment } from '../fmp4/init-segment.ts'
import type { ByteBudget } from './budget.ts'
import type { Framing } from './framing.ts'
import { Joiner } from './joiner.ts'
import type { Ring } from './ring.ts'
import type { Scratch } from './scratch.ts'
import { Timeline } from './timeline.ts'

/** How a hub's packets are wrapped for its viewers, and what of that is kept for the next of them. */
export class Timelines {
  readonly #ring: Ring
  readonly #init: InitSegment
  readonly #memory: ByteBudget
  readonly #scratch: Scratch
  /** On which the kept GOP starts at 0. */
  readonly #shared = new Map<Framing, Timeline>()
  readonly #joiners = new Map<Framing, Joiner>()
  /** With wrapped packets that are to be forgotten. */
  readonly #unsettled = new Set<Timeline>()

  constructor(ring: Ring, init: InitSegment, memory: ByteBudget, scratch: Scratch) {
    this.#ring = ring
    this.#init = init
    this.#memory = memory
    this.#scratch = scratch
  }

  /** On which `start`, of the primary track, is 0: that of all who join in the GOP that starts there. */
  shared(start: number, framing: Framing): Timeline {
    let timeline = this.#shared.get(framing)
    if (!timeline) {
      timeline = this.own(start, framing)
      timeline.open = true
      this.#shared.set(framing, timeline)
    }
    return timeline
  }

  /** One viewer's alone; `shift` is in units of the primary track's timescale. */
  own(shift: number, framing: Framing): Timeline {
    return new Timeline(shift, this.#init, framing, this.#memory, timeline => this.#unsettled.add(timeline))
  }

  joiner(framing: Framing): Joiner {
    let joiner = this.#joiners.get(framing)
    if (!joiner) {
      joiner = new Joiner(this.#ring, framing, this.#init.tracks.length, this.#memory, this.#scratch)
      this.#joiners.set(framing, joiner)
    }
    return joiner
  }

  /** Another GOP is kept, or none: newcomers begin on other timelines. */
  closeShared(): void {
    for (const timeline of this.#shared.values()) timeline.open = false
    this.#shared.clear()
  }

  /** Lets go of what nobody asks for any more. */
  settle(): void {
    for (const joiner of this.#joiners.values()) joiner.settle()
    for (const timeline of this.#unsettled) {
      timeline.settle()
      if (!timeline.open) this.#unsettled.delete(timeline)
    }
  }
}
