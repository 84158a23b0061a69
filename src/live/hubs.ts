import type { Hub } from './hub.ts'
import type { Subscriber } from './subscriber.ts'

export interface Totals {
  received: number
  dropped: number
  skips: number
}

/** The hubs that there are, by stream, and what those that are gone have counted. */
export class Hubs {
  readonly #byStream = new Map<string, Set<Hub>>()
  readonly #gone: Totals = { received: 0, dropped: 0, skips: 0 }

  add(hub: Hub): void {
    const hubs = this.#byStream.get(hub.stream)
    if (hubs) hubs.add(hub)
    else this.#byStream.set(hub.stream, new Set([hub]))
  }

  delete(hub: Hub): void {
    const hubs = this.#byStream.get(hub.stream)
    if (!hubs?.delete(hub)) return
    if (hubs.size === 0) this.#byStream.delete(hub.stream)
    addTotals(this.#gone, hub)
  }

  /** The hubs of one stream as they are now, each with tracks of its own. */
  of(stream: string): readonly Hub[] {
    return [...(this.#byStream.get(stream) ?? [])]
  }

  *all(): Generator<Hub> {
    for (const hubs of this.#byStream.values()) yield* hubs
  }

  get count(): number {
    let count = 0
    for (const { size } of this.#byStream.values()) count += size
    return count
  }

  *subscribers(): Generator<Subscriber> {
    for (const hub of this.all()) yield* hub.subscribers
  }

  get totals(): Totals {
    const totals = { ...this.#gone }
    for (const hub of this.all()) addTotals(totals, hub)
    return totals
  }
}

function addTotals(totals: Totals, hub: Hub): void {
  totals.received += hub.received
  totals.dropped += hub.drops.bytes
  totals.skips += hub.drops.skips
}
