import type { Owner } from './share.ts'

interface Waiter {
  readonly user: Owner['user']
  enter(): void
}

/**
 * Lets so many in at once. The others wait: the user with fewest inside goes first, and of equals whoever has waited longest. Places
 * that are kept are for users who have nothing inside.
 */
export class Semaphore {
  readonly #places: number
  readonly #kept: number
  readonly #inside = new Map<Owner['user'], number>()
  readonly #waiting = new Set<Waiter>()
  #taken = 0

  constructor(places: number, kept = 0) {
    this.#places = places
    this.#kept = kept
  }

  /** Resolves to what gives the place back, which may be called again; rejects with the reason of an abort. */
  async enter({ user }: Owner, signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted()
    if (this.#hasRoom(user)) this.#count(user, 1)
    else await this.#wait(user, signal)
    let inside = true
    return () => {
      if (!inside) return
      inside = false
      this.#count(user, -1)
      this.#next()
    }
  }

  async #wait(user: Owner['user'], signal: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const waiter = { user, enter: resolve }
    const onAbort = () => {
      this.#waiting.delete(waiter)
      reject(signal.reason)
    }
    this.#waiting.add(waiter)
    signal.addEventListener('abort', onAbort, { once: true })
    try {
      await promise
    } finally {
      signal.removeEventListener('abort', onAbort)
    }
  }

  #next(): void {
    let next: Waiter | undefined
    for (const waiter of this.#waiting)
      if (this.#hasRoom(waiter.user) && (!next || this.#insideOf(waiter.user) < this.#insideOf(next.user)))
        next = waiter
    if (!next) return
    this.#waiting.delete(next)
    this.#count(next.user, 1)
    next.enter()
  }

  #hasRoom(user: Owner['user']): boolean {
    const places = this.#insideOf(user) === 0 ? this.#places : this.#places - this.#kept
    return this.#taken < places
  }

  #insideOf(user: Owner['user']): number {
    return this.#inside.get(user) ?? 0
  }

  #count(user: Owner['user'], change: number): void {
    this.#taken += change
    const count = this.#insideOf(user) + change
    if (count > 0) this.#inside.set(user, count)
    else this.#inside.delete(user)
  }
}
