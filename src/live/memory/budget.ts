import type { Memory } from '../../fmp4/fragments/reader.ts'
import { BudgetExhausted } from '../errors.ts'

/**
 * A hard byte limit. Whatever holds media takes its bytes here before they exist and gives them back when the last
 * holder lets go; bytes that several hold are taken once. A budget inside another takes from both. Neither is ever
 * exceeded by a byte: what does not fit, after `relieve` has freed what it could, throws.
 */
export class ByteBudget implements Memory {
  readonly limit: number
  readonly #parent: ByteBudget | undefined
  readonly #relieve: (bytes: number) => void
  #used = 0
  #peak = 0
  #relieving = false

  /** `relieve` is called when so many bytes are missing; it frees what it can. */
  constructor(limit: number, relieve: (bytes: number) => void, parent?: ByteBudget) {
    this.limit = limit
    this.#relieve = relieve
    this.#parent = parent
  }

  get used(): number {
    return this.#used
  }

  get peak(): number {
    return this.#peak
  }

  get free(): number {
    return this.limit - this.#used
  }

  take(bytes: number): void {
    if (bytes > this.free && !this.#relieving) {
      this.#relieving = true
      try {
        this.#relieve(bytes - this.free)
      } finally {
        this.#relieving = false
      }
    }
    if (bytes > this.free) throw new BudgetExhausted(bytes, this.limit)
    this.#parent?.take(bytes)
    this.#add(bytes)
  }

  /** Takes only what is free as it is: false, and nothing taken, where something would have to make room. */
  takeFree(bytes: number): boolean {
    if (bytes > this.free || this.#parent?.takeFree(bytes) === false) return false
    this.#add(bytes)
    return true
  }

  give(bytes: number): void {
    this.#used -= bytes
    this.#parent?.give(bytes)
  }

  #add(bytes: number): void {
    this.#used += bytes
    if (this.#used > this.#peak) this.#peak = this.#used
  }
}
