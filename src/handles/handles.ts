import { LRUCache } from 'lru-cache'
import type { Identity } from '../access/identity.ts'
import { holdsAt } from '../validity.ts'
import { HandleUnknown } from './errors.ts'
import type { HandleNames } from './handle-names.ts'
import { type HandleOwner, ownerOf } from './handle-owner.ts'
import type { Subject } from './subject.ts'

export interface HandleLimits {
  readonly perSession: number
  readonly total: number
}

/** Where handles outlive the process. */
export interface KeptHandles {
  find(handle: string): Promise<HandleOwner | undefined>
  add(handle: string, owner: HandleOwner): Promise<void>
  /** What a session had for subjects of this kind and id. */
  remove(sessionId: string, kind: Subject['kind'], id: string): Promise<void>
  /** What was issued for something that has ended, at most `batch`. */
  removeExpired(batch: number): Promise<void>
}

export interface HandlesOptions {
  readonly names: HandleNames
  readonly kept: KeptHandles
  /** What a session may do now, `undefined` if it has ended. */
  current(sessionId: string): Promise<Identity | undefined>
  /** A handle could not be written down: it ends with the process. */
  onUnkept(error: unknown): void
}

export interface OpenHandle<S extends Subject = Subject> {
  readonly subject: S
  /** Its holder with the rights of this moment, and of them only what the subject needs. */
  readonly identity: Identity
}

/** At hand without a look into the database. */
const REMEMBERED = 1000
const HANDLE = /^[\w-]{24}$/

/**
 * Path segments that stand for (session, subject), for players that cannot send a token with what a playlist names. A
 * handle is the same for as long as its session (or media token) lives, also across restarts, says nothing of it, and is
 * worth what they and the camera permission are worth at the moment it is used.
 */
export class Handles {
  readonly #options: HandlesOptions
  readonly #remembered = new LRUCache<string, HandleOwner>({ max: REMEMBERED })

  constructor(options: HandlesOptions) {
    this.#options = options
  }

  /** Those at hand. */
  get size(): number {
    return this.#remembered.size
  }

  /** The handle of a subject that this identity was just found to be allowed. */
  async issue(identity: Identity, subject: Subject): Promise<string> {
    const { names, kept, onUnkept } = this.#options
    const owner = ownerOf(identity, subject)
    const candidates = names.of(owner)
    for (const handle of candidates) if (await this.#find(handle)) return handle
    const handle = candidates[0]!
    this.#remembered.set(handle, owner)
    await kept.add(handle, owner).catch(onUnkept)
    return handle
  }

  /** What a handle opens now. Throws `HANDLE_UNKNOWN` if it opens nothing of this kind, or no more. */
  async open<K extends Subject['kind']>(handle: string, kind: K): Promise<OpenHandle<Subject & { kind: K }>> {
    const owner = HANDLE.test(handle) ? await this.#find(handle) : undefined
    if (owner?.subject.kind !== kind) throw new HandleUnknown()
    const { sessionId, subject, validity } = owner
    const now =
      validity && !holdsAt(validity, Date.now()) ? undefined : await this.#options.current(sessionId)
    if (!now) this.#remembered.delete(handle)
    if (!now || !maySee(now, subject)) throw new HandleUnknown()
    const { camera } = subject
    return {
      subject: subject as Subject & { kind: K },
      identity: { ...now, ...validity, ...(camera === undefined ? {} : { onlyCamera: camera }) },
    }
  }

  /** Forgets the handles that this identity's session has for subjects of this kind and id. */
  async release({ sessionId }: Identity, kind: Subject['kind'], id: string): Promise<void> {
    await this.#options.kept.remove(sessionId, kind, id)
    for (const [handle, owner] of [...this.#remembered])
      if (owner.sessionId === sessionId && owner.subject.kind === kind && owner.subject.id === id)
        this.#remembered.delete(handle)
  }

  /** Forgets handles of media tokens that have ended, at most `batch`; those of a session go with it. */
  async removeExpired(batch: number): Promise<void> {
    const now = Date.now()
    for (const [handle, { validity }] of [...this.#remembered])
      if (validity && !holdsAt(validity, now)) this.#remembered.delete(handle)
    await this.#options.kept.removeExpired(batch)
  }

  async #find(handle: string): Promise<HandleOwner | undefined> {
    const remembered = this.#remembered.get(handle)
    if (remembered) return remembered
    const owner = await this.#read(handle)
    if (owner) this.#remembered.set(handle, owner)
    return owner
  }

  /** What was written down counts while the server has the key that it was named with. */
  async #read(handle: string): Promise<HandleOwner | undefined> {
    const owner = await this.#options.kept.find(handle)
    return owner && this.#options.names.of(owner).includes(handle) ? owner : undefined
  }
}

/** What is no camera's is for those who may see everything. */
function maySee({ isActive, access }: Identity, { camera }: Subject): boolean {
  if (!isActive) return false
  return access.mode === 'all' || (camera !== undefined && access.cameras.has(camera))
}
