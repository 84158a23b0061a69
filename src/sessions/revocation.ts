import { type CameraAccess, covers, type Identity } from '../access/identity.ts'
import type { Viewer, Viewers } from '../access/viewers.ts'
import { holdsAt } from '../validity.ts'
import type { Session } from './session.ts'

/** Something that remembers sessions. */
export interface SessionMemory {
  forget(matches: (session: Session) => boolean): void
}

export interface RevocationOptions {
  readonly memories: readonly SessionMemory[]
  readonly viewers: Viewers
  /** Whether somebody may see this go2rtc stream. */
  streamVisibleTo(identity: Identity, stream: string): Promise<boolean>
}

/** Revocation has to reach what runs within a second. */
const ANSWER_MS = 500

/** Makes a change of rights felt at once: what was read of it is forgotten, what runs on it ends. */
export class Revocation {
  readonly #memories: readonly SessionMemory[]
  readonly #viewers: Viewers
  readonly #streamVisibleTo: RevocationOptions['streamVisibleTo']

  constructor({ memories, viewers, streamVisibleTo }: RevocationOptions) {
    this.#memories = memories
    this.#viewers = viewers
    this.#streamVisibleTo = streamVisibleTo
  }

  /** These sessions (or player tokens) are no more. */
  ended(sessionIds: Iterable<string>): void {
    const ids = new Set(sessionIds)
    if (ids.size === 0) return
    this.#forget(identity => ids.has(identity.sessionId))
    this.#end(({ identity }) => ids.has(identity.sessionId))
  }

  /** A user's name, role or standing has changed, or the user is no more. */
  userChanged(userId: number, keepRunning = false): void {
    this.#forget(identity => identity.userId === userId)
    if (!keepRunning) this.#end(({ identity }) => identity.userId === userId)
  }

  /** A user sees other cameras now; streams of those that are still allowed go on. */
  camerasChanged(userId: number, access: CameraAccess): void {
    this.#forget(identity => identity.userId === userId)
    if (access.mode === 'all') return
    this.#end(
      ({ identity, camera, stream }) =>
        identity.userId === userId && (camera === undefined ? !stream : !access.cameras.has(camera)),
    )
    for (const viewer of this.#viewers.running())
      if (viewer.identity.userId === userId && viewer.stream !== undefined)
        this.#endUnlessVisible(viewer, { ...viewer.identity, access }, viewer.stream)
  }

  /** Ends what runs on sessions, tokens and handles whose time is up. */
  expire(now: number): void {
    this.#end(({ identity }) => !holdsAt(identity, now))
  }

  /** Which camera a stream belongs to is not known here; where it cannot be found out in time, the viewer goes. */
  #endUnlessVisible(viewer: Viewer, identity: Identity, stream: string): void {
    const tooLate = AbortSignal.timeout(ANSWER_MS)
    const giveUp = new Promise<boolean>(resolve => tooLate.addEventListener('abort', () => resolve(false)))
    Promise.race([this.#streamVisibleTo(identity, stream), giveUp]).then(
      visible => visible || this.#end(running => running === viewer),
      () => this.#end(running => running === viewer),
    )
  }

  #forget(matches: (identity: Identity) => boolean): void {
    for (const memory of this.#memories) memory.forget(({ identity }) => matches(identity))
  }

  #end(matches: (viewer: Viewer) => boolean): void {
    this.#viewers.endWhere(matches, 'revoked')
  }
}

/** Whether a viewer that was let in as `then` would be let in as `now`. */
export function stillStands(
  { identity, camera }: Pick<Viewer, 'identity'> & { readonly camera?: string | undefined },
  now: Identity | undefined,
): boolean {
  if (!holdsAt(identity, Date.now())) return false
  if (!now?.isActive || now.isAdmin !== identity.isAdmin) return false
  if (camera !== undefined && now.access.mode === 'custom') return now.access.cameras.has(camera)
  return covers(now.access, identity.access)
}
