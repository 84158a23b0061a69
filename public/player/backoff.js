const FIRST = 300
const LONGEST = 10_000

/** Close code of a server that restarts and wants its clients back (RFC 6455 registry: Service Restart). */
const RESTART = 1012

/** How long to wait before connecting again: longer each time, with jitter, and hardly at all after a restart. */
export class Backoff {
  #failures = 0

  /** Connecting has been worth it: begin anew next time. */
  reset() {
    this.#failures = 0
  }

  /**
   * @param {number} closeCode
   * @returns {number} milliseconds
   */
  next(closeCode) {
    const base = closeCode === RESTART ? FIRST : Math.min(LONGEST, FIRST * 2 ** this.#failures)
    this.#failures++
    return base * (0.75 + Math.random() / 2)
  }
}
