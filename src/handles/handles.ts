import { randomBytes } from 'node:crypto'
import type { Identity } from '../access/identity.ts'
import { stillStands } from '../sessions/revocation.ts'
import { HandleUnknown } from './errors.ts'
import type { Subject } from './subject.ts'

export interface HandleLimits {
  readonly perSession: number
  readonly total: number
}

export interface OpenHandle<S extends Subject = Subject> {
  readonly subject: S
  /** Its holder with the rights of this moment. */
  readonly identity: Identity
}

interface Entry {
  readonly handle: string
  readonly subject: Subject
  /** Who asked for it last, with the rights of that moment. */
  identity: Identity
}

const DEFAULTS: HandleLimits = { perSession: 500, total: 10_000 }
const RANDOM_BYTES = 18

/**
 * Random path segments that stand for (session, subject), for players that cannot send a token with what a playlist
 * names. A handle is the same for as long as its session lives, says nothing of it, and is worth what the session
 * and the camera permission are worth at the moment it is used. The least recently used are forgotten first.
 */
export class Handles {
  readonly #current: (sessionId: string) => Promise<Identity | undefined>
  readonly #limits: HandleLimits
  /** Least recently used first. */
  readonly #entries = new Map<string, Entry>()
  readonly #sessions = new Map<string, Map<string, Entry>>()

  /** `current` says what a session may do now, `undefined` if it has ended. */
  constructor(
    current: (sessionId: string) => Promise<Identity | undefined>,
    limits: Partial<HandleLimits> = {},
  ) {
    this.#current = current
    this.#limits = { ...DEFAULTS, ...limits }
  }

  get size(): number {
    return this.#entries.size
  }

  /** The handle of a subject that this identity was just found to be allowed. */
  issue(identity: Identity, subject: Subject): string {
    const key = keyOf(identity, subject)
    const known = this.#sessions.get(identity.sessionId)?.get(key)
    if (known) {
      known.identity = identity
      this.#touch(known)
      return known.handle
    }
    this.#makeRoom(identity.sessionId)
    const entry = { handle: randomBytes(RANDOM_BYTES).toString('base64url'), subject, identity }
    const own = this.#sessions.get(identity.sessionId)
    if (own) own.set(key, entry)
    else this.#sessions.set(identity.sessionId, new Map([[key, entry]]))
    this.#entries.set(entry.handle, entry)
    return entry.handle
  }

  /** What a handle opens now. Throws `HANDLE_UNKNOWN` if it opens nothing of this kind, or no more. */
  async open<K extends Subject['kind']>(handle: string, kind: K): Promise<OpenHandle<Subject & { kind: K }>> {
    const entry = this.#entries.get(handle)
    if (entry?.subject.kind !== kind) throw new HandleUnknown()
    const { subject, identity } = entry
    const now = await this.#current(identity.sessionId)
    if (!now) this.#forget(entry)
    if (!now || !stillStands({ identity, camera: subject.camera }, now)) throw new HandleUnknown()
    if (this.#entries.has(handle)) this.#touch(entry)
    const { onlyCamera } = identity
    return {
      subject: subject as Subject & { kind: K },
      identity: onlyCamera === undefined ? now : { ...now, onlyCamera },
    }
  }

  /** Forgets the handle that this identity has for a subject; false if it has none. */
  release(identity: Identity, subject: Subject): boolean {
    const entry = this.#sessions.get(identity.sessionId)?.get(keyOf(identity, subject))
    if (entry) this.#forget(entry)
    return entry !== undefined
  }

  /** Forgets the handles of this identity's session for subjects that match. */
  releaseWhere({ sessionId }: Identity, matches: (subject: Subject) => boolean): void {
    for (const entry of [...(this.#sessions.get(sessionId)?.values() ?? [])]) {
      if (matches(entry.subject)) this.#forget(entry)
    }
  }

  #touch(entry: Entry): void {
    this.#entries.delete(entry.handle)
    this.#entries.set(entry.handle, entry)
    const own = this.#sessions.get(entry.identity.sessionId)!
    const key = keyOf(entry.identity, entry.subject)
    own.delete(key)
    own.set(key, entry)
  }

  #makeRoom(sessionId: string): void {
    const own = this.#sessions.get(sessionId)
    if (own && own.size >= this.#limits.perSession) this.#forget(first(own))
    if (this.#entries.size >= this.#limits.total) this.#forget(first(this.#entries))
  }

  #forget(entry: Entry): void {
    const { sessionId } = entry.identity
    this.#entries.delete(entry.handle)
    const own = this.#sessions.get(sessionId)
    own?.delete(keyOf(entry.identity, entry.subject))
    if (own?.size === 0) this.#sessions.delete(sessionId)
  }
}

function first(entries: ReadonlyMap<string, Entry>): Entry {
  const [oldest] = entries.values()
  return oldest!
}

function keyOf({ onlyCamera }: Identity, { kind, id, camera }: Subject): string {
  return JSON.stringify([kind, id, camera, onlyCamera])
}
