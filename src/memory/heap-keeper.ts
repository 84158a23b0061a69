/** What may lie about beside what is counted: chunks on their way in and out, in bytes. */
const LOOSE_BYTES = 2 * 1024 * 1024
/** A heap that has grown by less is left alone, in bytes. */
const GROWTH_BYTES = 5 * 1024 * 1024
/** Compactions stop the world; between two of them passes at least so long, in milliseconds. */
const REST_MS = 10_000
/** A server that is busy for more of its time takes at once what was given back, and V8 forgets with it what it had compiled … */
const BUSY = 0.2
/** … so that requests cost twice as much for a second. Between two compactions passes at least so long then, in milliseconds. */
const BUSY_REST_MS = 60_000

export interface HeapKeeperOptions {
  /** The bytes of buffers that are in use for sure. */
  counted(): number
  /** Returns the size of the heap afterwards, in bytes. */
  compact(): number
  collectInBackground(): void
}

/**
 * V8 leaves two things lying for long: freed pages of its heap after a burst, and old garbage outside of it, as the
 * bytes of a GOP are by the time they are let go. This has either collected when it has become much.
 */
export class HeapKeeper {
  readonly #options: HeapKeeperOptions
  /** The heap at its smallest since the last compaction, in bytes. */
  #least = Number.POSITIVE_INFINITY
  #compactedAt = 0

  constructor(options: HeapKeeperOptions) {
    this.#options = options
  }

  /** To be called about once a second, with what V8 holds, how busy the event loop was since the last look, and a clock in milliseconds. */
  look({ arrayBuffers, heapTotal }: NodeJS.MemoryUsage, utilization: number, now: number): void {
    this.#least = Math.min(this.#least, heapTotal)
    const rest = utilization > BUSY ? BUSY_REST_MS : REST_MS
    if (heapTotal - this.#least > GROWTH_BYTES && now - this.#compactedAt >= rest) {
      this.#least = this.#options.compact()
      this.#compactedAt = now
    } else if (arrayBuffers - this.#options.counted() > LOOSE_BYTES) this.#options.collectInBackground()
  }
}
