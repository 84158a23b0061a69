/** What V8 keeps of a message that waits, beside its bytes. */
const MESSAGE_COST = 512

/**
 * Messages that one peer has not taken yet, bounded in bytes. Each counts with what it costs beside its bytes, so that
 * many small ones are bounded too.
 */
export class Backlog {
  readonly #limit: number
  #bytes = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  /** Counts a message of `length` bytes until the returned function is called; `undefined` if it finds no room. */
  add(length: number): (() => void) | undefined {
    const cost = length + MESSAGE_COST
    if (this.#bytes + cost > this.#limit) return undefined
    this.#bytes += cost
    return () => {
      this.#bytes -= cost
    }
  }
}
