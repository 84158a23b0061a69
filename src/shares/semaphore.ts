import type { Owner } from './share.ts'

type User = Owner['user']

export interface SemaphoreOptions {
  readonly places: number
  /** Of the places, those that are kept for users who have nothing inside. */
  readonly kept?: number
  /** What bounds waiting, where nothing outside does. */
  readonly queue?: {
    /** How many may wait; one more is refused at once. */
    readonly places: number
    /** The longest wait, in milliseconds. */
    readonly waitMs: number
    readonly refusal: () => Error
  }
}

/**
 * Lets so many in at once. The others wait: the user with fewest inside goes first, users with equally many go in turns, and the
 * requests of one user in the order in which they came.
 */
export class Semaphore {
  /** How many had to wait, and how many were refused because there were too many or the wait was too long. */
  waited = 0
  refused = 0
  readonly #options: SemaphoreOptions
  readonly #inside = new Map<User, number>()
  /** By user. Whoever left last is at the end. */
  readonly #waiting = new Map<User, Set<() => void>>()
  #taken = 0
  #queued = 0

  constructor(options: SemaphoreOptions) {
    this.#options = options
  }

  get inside(): number {
    return this.#taken
  }

  /**
   * Resolves to what gives the place back, which may be called again; rejects with the refusal, or with the reason of an
   * abort.
   */
  async enter(user: User, signal?: AbortSignal): Promise<() => void> {
    signal?.throwIfAborted()
    if (this.#hasRoom(user)) this.#count(user, 1)
    else await this.#wait(user, signal)
    let inside = true
    return () => {
      if (!inside) return
      inside = false
      this.#leave(user)
    }
  }

  async #wait(user: User, signal: AbortSignal | undefined): Promise<void> {
    const { queue } = this.#options
    if (queue && this.#queued >= queue.places) throw this.#refuse(queue.refusal)
    this.waited++
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const stop = (error: unknown) => {
      this.#dequeue(user, resolve)
      reject(error)
    }
    const onAbort = () => stop(signal!.reason)
    const timer = queue && setTimeout(() => stop(this.#refuse(queue.refusal)), queue.waitMs)
    signal?.addEventListener('abort', onAbort, { once: true })
    this.#enqueue(user, resolve)
    try {
      await promise
    } finally {
      clearTimeout(timer)
      signal?.removeEventListener('abort', onAbort)
    }
  }

  #leave(user: User): void {
    this.#count(user, -1)
    const own = this.#waiting.get(user)
    if (own) {
      this.#waiting.delete(user)
      this.#waiting.set(user, own)
    }
    const next = this.#next()
    if (next === undefined) return
    const [enter] = this.#waiting.get(next)!
    this.#dequeue(next, enter!)
    this.#count(next, 1)
    enter!()
  }

  #next(): User | undefined {
    let next: User | undefined
    for (const user of this.#waiting.keys())
      if (this.#hasRoom(user) && (next === undefined || this.#insideOf(user) < this.#insideOf(next)))
        next = user
    return next
  }

  #enqueue(user: User, enter: () => void): void {
    const own = this.#waiting.get(user) ?? new Set()
    this.#waiting.set(user, own.add(enter))
    this.#queued++
  }

  #dequeue(user: User, enter: () => void): void {
    const own = this.#waiting.get(user)
    if (!own?.delete(enter)) return
    if (own.size === 0) this.#waiting.delete(user)
    this.#queued--
  }

  #hasRoom(user: User): boolean {
    const { places, kept = 0 } = this.#options
    return this.#taken < (this.#insideOf(user) === 0 ? places : places - kept)
  }

  #insideOf(user: User): number {
    return this.#inside.get(user) ?? 0
  }

  #count(user: User, change: number): void {
    this.#taken += change
    const count = this.#insideOf(user) + change
    if (count > 0) this.#inside.set(user, count)
    else this.#inside.delete(user)
  }

  #refuse(refusal: () => Error): Error {
    this.refused++
    return refusal()
  }
}
