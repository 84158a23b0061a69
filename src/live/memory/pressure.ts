import { Overloaded } from '../errors.ts'
import type { Listener } from '../listener.ts'
import type { Publisher, Viewer } from '../publisher.ts'
import type { ByteBudget } from './budget.ts'

/** Above this nobody is let in: the rest is for those who are here, who need more when they fall behind, and for everything else. */
const FULL_HEAP = 0.7
/** Above this whoever is furthest behind is disconnected: one for each who is refused, and one in ten at each look. */
const BURSTING_HEAP = 0.85
const GO_AT_ONCE = 0.1
/** While memory is short a viewer may have this part of its usual bytes queued. */
const STRAINED_SHARE = 4

/** What becomes of viewers and kept GOPs where memory grows short: V8's, that of the process, or the budget of all streams. */
export class Pressure {
  readonly #hubs: { all(): Iterable<Publisher> }
  readonly #heapFilled: () => number
  #strained = false

  /** `heapFilled` says how much of what V8 may take is taken, of 1: it ends the process at its limit. */
  constructor(hubs: { all(): Iterable<Publisher> }, heapFilled: () => number = () => 0) {
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

  /** Throws `LIVE_OVERLOADED` instead of letting one more in. Where V8 may end the process, somebody is disconnected besides. */
  admit(): void {
    const filled = this.#heapFilled()
    if (filled > BURSTING_HEAP) this.evict(1)
    if (this.#strained || filled > FULL_HEAP) throw new Overloaded()
  }

  /** To be called now and then, with the number of viewers. */
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
      const worst = mostBacklogged(this.#viewers())
      if (!worst) break
      worst.end('evicted')
    }
    return gone
  }

  /**
   * Frees so many bytes of the process budget: first what has not been sent yet, then what listeners can spare, then the most
   * backlogged viewers, then kept GOPs, those of streams without viewers first.
   */
  relieve(budget: ByteBudget, bytes: number): void {
    const wanted = budget.free + bytes
    const enough = () => budget.free >= wanted
    for (const hub of this.#hubs.all()) hub.send()
    for (const hub of this.#hubs.all()) relieveListeners(hub.listeners, enough)
    while (!enough() && this.evict(1) > 0);
    const kept = [...this.#hubs.all()].filter(({ media }) => media.gop.start)
    kept.sort((a, b) => Number(a.inUse) - Number(b.inUse) || b.media.budget.used - a.media.budget.used)
    for (const hub of kept) {
      if (enough()) return
      hub.dropGop(true)
    }
  }

  *#viewers(): Generator<Viewer> {
    for (const { audience } of this.#hubs.all()) yield* audience
  }
}

/**
 * Frees so many bytes of one stream, or as many as can be: first what has not been sent yet and what only laggards need, then what listeners
 * can spare, the kept GOP, the listeners altogether, and what stalled writes hold. Viewers who keep up lose nothing.
 */
export function relieveStream(hub: Publisher, bytes: number): void {
  const { media, listeners, audience } = hub
  const { budget, gop, ring } = media
  const wanted = budget.free + bytes
  const enough = () => budget.free >= wanted
  hub.send()
  moveOnBefore(hub, gop.start?.sequence ?? ring.next)
  relieveListeners(listeners, enough)
  if (!enough() && gop.start) hub.dropGop(true)
  if (!enough()) moveOnBefore(hub, ring.next)
  for (const listener of [...listeners]) if (!enough()) listener.giveUp(wanted - budget.free)
  while (!enough()) {
    const worst = mostBacklogged(audience)
    if (!worst) return
    worst.end('evicted')
  }
}

function relieveListeners(listeners: Iterable<Listener>, enough: () => boolean): void {
  for (const listener of listeners) if (!enough()) listener.relieve(enough)
}

/** Moves on everybody who still needs what comes before packet `sequence`. */
function moveOnBefore(hub: Publisher, sequence: number): void {
  for (const viewer of hub.audience) if (viewer.oldest < sequence) viewer.moveOn()
  hub.trim()
}

/** The viewer who is furthest behind and whose unfinished write holds bytes; undefined if all keep up. */
function mostBacklogged(viewers: Iterable<Viewer>): Viewer | undefined {
  let worst: Viewer | undefined
  for (const viewer of viewers) if (viewer.late && (!worst || viewer.queued > worst.queued)) worst = viewer
  return worst
}
