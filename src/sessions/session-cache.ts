import { LRUCache } from 'lru-cache'
import { holdsAt } from '../validity.ts'
import type { Session } from './session.ts'

/**
 * Sessions that were read lately, by the token or id that they were found by. Each is read again after a while, by a clock that
 * nobody can set; the one that was used longest ago makes room for others. Whatever changes a session or its user calls
 * `forget`; a read that was under way at that moment may have seen the old state and is done again.
 */
export class SessionCache {
  readonly #kept: LRUCache<string, Session>
  #generation = 0

  constructor(capacity: number, ttlMs: number) {
    this.#kept = new LRUCache({ max: capacity, ttl: ttlMs })
  }

  get(key: string): Session | undefined {
    const session = this.#kept.get(key)
    return session && holds(session) ? session : undefined
  }

  async load(key: string, read: () => Promise<Session | undefined>): Promise<Session | undefined> {
    for (;;) {
      const generation = this.#generation
      const session = await read()
      if (generation !== this.#generation) continue
      if (session) this.#kept.set(key, session)
      return session
    }
  }

  forget(matches: (session: Session) => boolean): void {
    this.#generation++
    this.#drop(matches)
  }

  /** Nothing is remembered of what has ended, its token least of all. */
  prune(): void {
    this.#kept.purgeStale()
    this.#drop(session => !holds(session))
  }

  #drop(matches: (session: Session) => boolean): void {
    for (const [key, session] of [...this.#kept]) if (matches(session)) this.#kept.delete(key)
  }
}

function holds({ identity }: Session): boolean {
  return holdsAt(identity, Date.now())
}
