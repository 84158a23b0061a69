/** So much more resident memory is worth a look, in bytes. */
const GROWTH_BYTES = 3 * 1024 * 1024
/** What is used all the time comes back within a moment: between two releases passes at least so long, in milliseconds. */
const REST_MS = 5000

/** Has pages of code given back that were used once and lie in resident memory since: a login, a collection of garbage. */
export class PageKeeper {
  readonly #release: () => void
  #releasedAt = Number.NEGATIVE_INFINITY
  /** Resident memory when what is in use had come back, in bytes; `undefined` until then. */
  #settled: number | undefined

  constructor(release: () => void) {
    this.#release = release
  }

  /** To be called about once a second, with resident memory in bytes and a clock in milliseconds. */
  look(resident: number, now: number): void {
    this.#settled = Math.min(this.#settled ?? resident, resident)
    if (resident - this.#settled < GROWTH_BYTES || now - this.#releasedAt < REST_MS) return
    this.#release()
    this.#releasedAt = now
    this.#settled = undefined
  }
}
