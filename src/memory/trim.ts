import { compactHeap } from './heap.ts'
import { type MemoryReading, readMemory } from './unreclaimable.ts'

/** Lets go of what can be had again; returns how many objects went. */
export type Release = () => number | Promise<number>

export interface TrimResult {
  readonly released: number
  readonly before: MemoryReading
  readonly after: MemoryReading
}

/** Gives back what the process does not need at the moment; who asks while that is under way gets the same. */
export class Trim {
  readonly #releases: readonly Release[]
  #running: Promise<TrimResult> | undefined

  constructor(releases: readonly Release[]) {
    this.#releases = releases
  }

  run(): Promise<TrimResult> {
    this.#running ??= this.#trim().finally(() => {
      this.#running = undefined
    })
    return this.#running
  }

  async #trim(): Promise<TrimResult> {
    const before = readMemory()
    let released = 0
    for (const release of this.#releases) released += await release()
    compactHeap()
    return { released, before, after: readMemory() }
  }
}
