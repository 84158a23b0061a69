const ROUNDED_TO = 4096
/** One for each framing that a flush may be at. */
const MOST_IDLE = 2

/**
 * Memory that is filled, handed to the kernel and filled again. What is not given back, because a write still refers to
 * it, is left to the collector.
 */
export class Scratch {
  readonly #idle: Buffer[] = []

  /** At least so many bytes, with anything in them. */
  take(bytes: number): Buffer {
    const idle = this.#idle.pop()
    if (idle && idle.length >= bytes) return idle
    return Buffer.allocUnsafeSlow(Math.ceil(bytes / ROUNDED_TO) * ROUNDED_TO)
  }

  give(buffer: Buffer): void {
    if (this.#idle.length < MOST_IDLE) this.#idle.push(buffer)
  }
}
