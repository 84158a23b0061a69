import { mostBacklogged } from './audience.ts'
import type { ByteBudget } from './budget.ts'
import { Overloaded } from './errors.ts'
import type { Hubs } from './hubs.ts'

/** From there on nobody is let in: what is left is for those who are here, who need more when they fall behind, and for everything else. */
const FULL_HEAP = 0.7
/** From there on whoever is furthest behind goes: one for each who is refused, and one in ten at each look. */
const BURSTING_HEAP = 0.85
const GO_AT_ONCE = 0.1
/** While memory is short a viewer may have this part of its usual bytes queued. */
const STRAINED_SHARE = 4

/** What becomes of viewers and kept GOPs where memory grows short: V8's, that of the process, or the budget of all streams. */
export class Pressure {
  readonly #hubs: Hubs
  readonly #heapFilled: () => number
  #strained = false

  /** `heapFilled` says how much of what V8 may take is taken, of 1: it ends the process at its limit. */
  constructor(hubs: Hubs, heapFilled: () => number = () => 0) {
    this.#hubs = hubs
    this.#heapFilled = heapFilled
  }

  /** The process as a whole is short of memory, or is not any more. */
  strain(on: boolean): void {
    this.#strained = on
  }

  /** No stream may be opened for nobody. */
  get strained(): boolean {
    return this.#strained
  }

  /** Throws `LIVE_OVERLOADED` instead of letting one more in; where V8 may end the process, somebody goes besides. */
  admit(): void {
    const filled = this.#heapFilled()
    if (filled > BURSTING_HEAP) this.evict(1)
    if (this.#strained || filled > FULL_HEAP) throw new Overloaded()
  }

  /** To be called now and then: so many viewers are there. */
  look(viewers: number): void {
    if (this.#heapFilled() > BURSTING_HEAP) this.evict(Math.ceil(viewers * GO_AT_ONCE))
  }

  /** How many bytes may wait for a viewer for whom `usual` may otherwise. */
  queueBytes(usual: number): number {
    return this.#strained ? usual / STRAINED_SHARE : usual
  }

  /** Disconnects the viewers who are furthest behind, at most so many; returns how many. */
  evict(most: number): number {
    let gone = 0
    for (; gone < most; gone++) {
      const worst = mostBacklogged(this.#hubs.subscribers())
      if (!worst) break
      worst.end('evicted')
    }
    return gone
  }

  /**
   * Frees so many bytes of the budget: first what taps can spare, then the most backlogged viewer, then kept GOPs, idle
   * streams before others.
   */
  relieve(budget: ByteBudget, bytes: number): void {
    const wanted = budget.free + bytes
    const enough = () => budget.free >= wanted
    for (const hub of this.#hubs.all()) hub.relieveTaps(enough)
    while (!enough() && this.evict(1) > 0);
    const kept = [...this.#hubs.all()].filter(hub => hub.gopStart)
    kept.sort((a, b) => Number(a.inUse) - Number(b.inUse) || b.memory.used - a.memory.used)
    for (const hub of kept) {
      if (enough()) return
      hub.dropGop()
    }
  }
}
