/** Streams that are kept warm although nobody watches, each until a time of its own. */
export class Holds {
  readonly #holdMs: number
  readonly #until = new Map<string, number>()

  constructor(holdMs: number) {
    this.#holdMs = holdMs
  }

  add(stream: string, now = performance.now()): void {
    this.#until.set(stream, now + this.#holdMs)
  }

  delete(stream: string): void {
    this.#until.delete(stream)
  }

  has(stream: string): boolean {
    return this.#until.has(stream)
  }

  expire(now: number): void {
    for (const [stream, until] of this.#until) if (until <= now) this.#until.delete(stream)
  }
}
