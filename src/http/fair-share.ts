/** So many times what is free may one holder have: 80 % when it is alone, 44 % each of two, 31 % each of three. */
const TIMES_FREE = 4

/**
 * Divides a limit among whoever comes, by dynamic thresholds (Choudhury and Hahne, 1998): a holder may take more while it has
 * at most a multiple of what is free. Shares shrink as holders arrive, and something is free for the next one.
 */
export class FairShare {
  readonly limit: number
  readonly #held = new Map<string, number>()
  #used = 0

  constructor(limit: number) {
    this.limit = limit
  }

  get used(): number {
    return this.#used
  }

  heldBy(holder: string): number {
    return this.#held.get(holder) ?? 0
  }

  /** Takes `amount` for a holder, or nothing. Whatever is larger than its share is given only while nothing at all is held. */
  take(holder: string, amount = 1): boolean {
    const held = this.heldBy(holder) + amount
    const free = this.limit - this.#used - amount
    if (this.#used > 0 && (free < 0 || held > TIMES_FREE * (free + amount))) return false
    this.#held.set(holder, held)
    this.#used += amount
    return true
  }

  give(holder: string, amount = 1): void {
    const held = this.heldBy(holder) - amount
    if (held > 0) this.#held.set(holder, held)
    else this.#held.delete(holder)
    this.#used -= amount
  }
}
