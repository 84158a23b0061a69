/** Watches whether bytes leave that wait in user space. Times are in milliseconds. */
export class Progress {
  /** How much waited at the last look, and since when it is that much; -1 if nothing did. */
  #unsent = -1
  #since = 0

  /** For how long none has left. */
  look(unsent: number, now: number): number {
    if (unsent !== this.#unsent) {
      this.#unsent = unsent
      this.#since = now
    }
    return now - this.#since
  }

  /** Nothing waits any more. */
  rest(): void {
    this.#unsent = -1
  }
}
