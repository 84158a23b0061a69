/** Keeps what happens all the time from being said all the time. */
export class Seldom {
  readonly #everyMs: number
  readonly #said = new Map<string, number>()

  constructor(everyMs: number) {
    this.#everyMs = everyMs
  }

  /** Whether this kind of thing, of which there are few, has not been said for so long; it counts as said from now on. */
  due(kind: string): boolean {
    const now = performance.now()
    if (now - (this.#said.get(kind) ?? Number.NEGATIVE_INFINITY) < this.#everyMs) return false
    this.#said.set(kind, now)
    return true
  }
}
