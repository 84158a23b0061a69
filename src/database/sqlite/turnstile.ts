import { DatabaseBusy, DatabaseClosed } from '../errors.ts'

interface Waiter {
  enter(): void
  refuse(error: Error): void
}

export interface TurnstileOptions {
  readonly places: number
  /** The longest wait for a place, in milliseconds. */
  readonly waitMs: number
  /** How many may wait; one more is refused at once. */
  readonly maxWaiting: number
}

/** A fair semaphore with a bounded queue and a bounded wait: whoever cannot enter in time gets `DATABASE_BUSY`. */
export class Turnstile {
  readonly #options: TurnstileOptions
  readonly #waiting = new Set<Waiter>()
  #inside = 0
  #closed = false
  waited = 0
  timedOut = 0

  constructor(options: TurnstileOptions) {
    this.#options = options
  }

  get inside(): number {
    return this.#inside
  }

  async enter(): Promise<void> {
    if (this.#closed) throw new DatabaseClosed()
    if (this.#inside < this.#options.places) {
      this.#inside++
      return
    }
    if (this.#waiting.size >= this.#options.maxWaiting) throw this.#busy()
    this.waited++
    await new Promise<void>((resolve, reject) => {
      const leave = () => {
        clearTimeout(timer)
        this.#waiting.delete(waiter)
      }
      const waiter: Waiter = {
        enter: () => {
          leave()
          resolve()
        },
        refuse: error => {
          leave()
          reject(error)
        },
      }
      const timer = setTimeout(() => waiter.refuse(this.#busy()), this.#options.waitMs)
      this.#waiting.add(waiter)
    })
  }

  /** Hands the place to whoever has waited longest. */
  leave(): void {
    const [next] = this.#waiting
    if (next) next.enter()
    else this.#inside--
  }

  close(): void {
    this.#closed = true
    for (const waiter of [...this.#waiting]) waiter.refuse(new DatabaseClosed())
  }

  #busy(): Error {
    this.timedOut++
    return new DatabaseBusy()
  }
}
