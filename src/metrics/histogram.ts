import type { Reading } from './exposition.ts'

/** Counts values by upper bounds, which ascend. */
export class Histogram {
  readonly #bounds: readonly number[]
  readonly #counts: number[]
  #sum = 0
  #count = 0

  constructor(bounds: readonly number[]) {
    this.#bounds = bounds
    this.#counts = bounds.map(() => 0)
  }

  observe(value: number): void {
    const at = this.#bounds.findIndex(bound => value <= bound)
    if (at >= 0) this.#counts[at]!++
    this.#sum += value
    this.#count++
  }

  *readings(): Generator<Reading> {
    let below = 0
    for (const [i, bound] of this.#bounds.entries()) {
      below += this.#counts[i]!
      yield { suffix: '_bucket', labels: { le: String(bound) }, value: below }
    }
    yield { suffix: '_bucket', labels: { le: '+Inf' }, value: this.#count }
    yield { suffix: '_sum', value: this.#sum }
    yield { suffix: '_count', value: this.#count }
  }
}
