import { holdsAt } from '../validity.ts'
import type { Session } from './session.ts'

interface Kept {
  readonly session: Session
  /** By `performance.now()`: a clock that is set makes nothing last longer. */
  readonly until: number
}

/**
 * Sessions that were read lately, the oldest forgotten first, by the token or id that they were found by. To find one
 * is a look into a map and nothing else: each is read again after a while, so that the order of use would tell little.
 * Whatever changes a session or its user calls `forget`; a read that was under way at that moment may have seen the old
 * state and is done again.
 */
export class SessionCache {
  readonly #capacity: number
  readonly #ttlMs: number
  readonly #kept = new Map<string, Kept>()
  #generation = 0

  constructor(capacity: number, ttlMs: number) {
    this.#capacity = capacity
    this.#ttlMs = ttlMs
  }

  get(key: string): Session | undefined {
    const entry = this.#kept.get(key)
    return entry && isCurrent(entry) ? entry.session : undefined
  }

  async load(key: string, read: () => Promise<Session | undefined>): Promise<Session | undefined> {
    for (;;) {
      const generation = this.#generation
      const session = await read()
      if (generation !== this.#generation) continue
      if (session) this.#keep(key, session)
      return session
    }
  }

  forget(matches: (session: Session) => boolean): void {
    this.#generation++
    for (const [key, { session }] of this.#kept) if (matches(session)) this.#kept.delete(key)
  }

  /** Nothing is remembered of what has ended, its token least of all. */
  prune(): void {
    for (const [key, entry] of this.#kept) if (!isCurrent(entry)) this.#kept.delete(key)
  }

  #keep(key: string, session: Session): void {
    this.#kept.delete(key)
    this.#kept.set(key, { session, until: performance.now() + this.#ttlMs })
    if (this.#kept.size <= this.#capacity) return
    const [oldest] = this.#kept.keys()
    this.#kept.delete(oldest!)
  }
}

function isCurrent({ session, until }: Kept): boolean {
  return performance.now() < until && holdsAt(session.identity, Date.now())
}
