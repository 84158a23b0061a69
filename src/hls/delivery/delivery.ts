import type { Part } from '../recording/part.ts'

/**
 * Parts on their way to one client, held until they have left or never will: when the system has all of them, or when the connection's
 * handle is closed and libuv with it has let go of what it had not written.
 */
export class Delivery {
  readonly parts: readonly Part[]
  readonly #breakOff: () => void
  readonly #onEnd: (delivery: Delivery) => void
  #ended = false

  constructor(parts: readonly Part[], breakOff: () => void, onEnd: (delivery: Delivery) => void) {
    this.parts = parts
    this.#breakOff = breakOff
    this.#onEnd = onEnd
    for (const part of parts) part.hold()
  }

  /** Breaks it off: its bytes are needed. */
  cancel(): void {
    this.#breakOff()
    this.end()
  }

  /** They have left, or never will. */
  end(): void {
    if (this.#ended) return
    this.#ended = true
    for (const part of this.parts) part.drop()
    this.#onEnd(this)
  }
}
