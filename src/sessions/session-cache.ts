import type { Session } from './session.ts'

/**
 * Sessions that were read lately, the least recently used forgotten first. Whatever changes a session or its user
 * calls `forget`; a read that was under way at that moment is not kept, for it may have seen the old state.
 */
export class SessionCache {
  readonly #capacity: number
  readonly #ttlMs: number
  readonly #kept = new Map<string, { session: Session; until: number }>()
  #generation = 0

  constructor(capacity: number, ttlMs: number) {
    this.#capacity = capacity
    this.#ttlMs = ttlMs
  }

  get(id: string, now: number): Session | undefined {
    const entry = this.#kept.get(id)
    if (!entry) return undefined
    this.#kept.delete(id)
    if (entry.until <= now) return undefined
    this.#kept.set(id, entry)
    return entry.session
  }

  async load(id: string, now: number, read: () => Promise<Session | undefined>) {
    const generation = this.#generation
    const session = await read()
    if (session && generation === this.#generation) {
      this.#kept.set(id, { session, until: Math.min(session.expiresAt, now + this.#ttlMs) })
      if (this.#kept.size > this.#capacity) {
        const [oldest] = this.#kept.keys()
        this.#kept.delete(oldest!)
      }
    }
    return session
  }

  forget(matches: (session: Session) => boolean): void {
    this.#generation++
    for (const [id, { session }] of this.#kept) if (matches(session)) this.#kept.delete(id)
  }
}
