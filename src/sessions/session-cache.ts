import type { Session } from './session.ts'

export interface Loaded {
  readonly session: Session
  /** When what it was found by ends, in milliseconds since the epoch. */
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
  readonly #kept = new Map<string, Loaded>()
  #generation = 0

  constructor(capacity: number, ttlMs: number) {
    this.#capacity = capacity
    this.#ttlMs = ttlMs
  }

  get(key: string, now: number): Session | undefined {
    const entry = this.#kept.get(key)
    return entry && entry.until > now ? entry.session : undefined
  }

  async load(key: string, read: () => Promise<Loaded | undefined>): Promise<Session | undefined> {
    for (;;) {
      const generation = this.#generation
      const loaded = await read()
      if (generation !== this.#generation) continue
      if (loaded) this.#keep(key, loaded)
      return loaded?.session
    }
  }

  forget(matches: (session: Session) => boolean): void {
    this.#generation++
    for (const [key, { session }] of this.#kept) if (matches(session)) this.#kept.delete(key)
  }

  /** Nothing is remembered of what has ended, its token least of all. */
  prune(now: number): void {
    for (const [key, { until }] of this.#kept) if (until <= now) this.#kept.delete(key)
  }

  #keep(key: string, { session, until }: Loaded): void {
    this.#kept.delete(key)
    this.#kept.set(key, { session, until: Math.min(until, Date.now() + this.#ttlMs) })
    if (this.#kept.size <= this.#capacity) return
    const [oldest] = this.#kept.keys()
    this.#kept.delete(oldest!)
  }
}
