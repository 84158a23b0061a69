const PAGE_BYTES = 32 * 1024
/** Pages that are kept for the next client. */
const MOST_IDLE = 16

/** Memory that media passes through. A client has one page, which goes to the next one and is not left to be collected. */
export class Pages {
  readonly #idle: Buffer[] = []
  inUse = 0

  take(): Buffer {
    this.inUse++
    return this.#idle.pop() ?? Buffer.allocUnsafeSlow(PAGE_BYTES)
  }

  /** Nothing may read from or write to it any more. */
  give(page: Buffer): void {
    this.inUse--
    if (this.#idle.length < MOST_IDLE) this.#idle.push(page)
  }
}
