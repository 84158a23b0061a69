import { FIELDS, type Sample } from './fields.ts'

/** Smallest, mean and largest of each field over some time, three numbers for each. */
export type Spread = readonly number[]

/** Gathers samples until their spread is taken. */
export class SpreadBuilder {
  #count = 0
  #min: number[] = []
  #sum: number[] = []
  #max: number[] = []

  get count(): number {
    return this.#count
  }

  add(sample: Sample): void {
    FIELDS.forEach((field, i) => {
      const value = sample[field]
      const first = this.#count === 0
      this.#min[i] = first ? value : Math.min(this.#min[i]!, value)
      this.#max[i] = first ? value : Math.max(this.#max[i]!, value)
      this.#sum[i] = first ? value : this.#sum[i]! + value
    })
    this.#count++
  }

  /** Only after at least one sample; the next one begins a new spread. */
  take(): Spread {
    const spread = this.peek()
    this.#count = 0
    return spread
  }

  peek(): Spread {
    return FIELDS.flatMap((_, i) => [this.#min[i]!, this.#sum[i]! / this.#count, this.#max[i]!])
  }
}
