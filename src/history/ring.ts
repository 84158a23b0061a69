/** The newest rows of numbers with their times, in memory that is taken once. */
export class Ring {
  readonly #times: Float64Array
  readonly #values: Float32Array
  readonly #width: number
  #next = 0
  #length = 0

  constructor(capacity: number, width: number) {
    this.#times = new Float64Array(capacity)
    this.#values = new Float32Array(capacity * width)
    this.#width = width
  }

  /** `time` in milliseconds since the epoch; `row` has as many numbers as the ring is wide. */
  push(time: number, row: readonly number[]): void {
    this.#times[this.#next] = time
    this.#values.set(row, this.#next * this.#width)
    this.#next = (this.#next + 1) % this.#times.length
    this.#length = Math.min(this.#length + 1, this.#times.length)
  }

  /** Oldest first. */
  *rows(): Generator<{ readonly time: number; readonly row: Float32Array }> {
    const capacity = this.#times.length
    for (let i = 0; i < this.#length; i++) {
      const at = (this.#next - this.#length + i + capacity) % capacity
      yield {
        time: this.#times[at]!,
        row: this.#values.subarray(at * this.#width, (at + 1) * this.#width),
      }
    }
  }
}
