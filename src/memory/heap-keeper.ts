import { giveBack } from './give-back.ts'
import { collectInBackground } from './heap.ts'

/** What may lie about beside what is counted: chunks on their way in and out, in bytes. */
const LOOSE_BYTES = 2 * 1024 * 1024
/** A heap that has grown by less is left alone, in bytes. */
const GROWTH_BYTES = 5 * 1024 * 1024
/** Compactions stop the world; between two of them passes at least so long, in milliseconds. */
const REST_MS = 10_000

/**
 * V8 leaves two things lying for long: freed pages of its heap after a burst, and old garbage outside of it, as the
 * bytes of a GOP are by the time they are let go. This has either collected when it has become much.
 */
export class HeapKeeper {
  readonly #counted: () => number
  /** The heap at its smallest since the last compaction, in bytes. */
  #least = Number.POSITIVE_INFINITY
  #compactedAt = 0

  /** `counted` tells the bytes of buffers that are in use for sure. */
  constructor(counted: () => number) {
    this.#counted = counted
  }

  /** To be called about once a second, with what V8 holds and a clock in milliseconds. */
  look({ arrayBuffers, heapTotal }: NodeJS.MemoryUsage, now: number): void {
    this.#least = Math.min(this.#least, heapTotal)
    if (heapTotal - this.#least > GROWTH_BYTES && now - this.#compactedAt >= REST_MS) {
      giveBack()
      this.#compactedAt = now
      this.#least = process.memoryUsage().heapTotal
    } else if (arrayBuffers - this.#counted() > LOOSE_BYTES) collectInBackground()
  }
}
