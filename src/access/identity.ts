import type { Owner } from '../shares/share.ts'
import type { Validity } from '../validity.ts'

/** Which cameras a user may see: every one, or a chosen few by Frigate camera name. */
export type CameraAccess =
  | { readonly mode: 'all' }
  | { readonly mode: 'custom'; readonly cameras: ReadonlySet<string> }

/**
 * Who is asking: what the access hook has found out and every route may rely on. It holds as long as what the request
 * came with: a session, or a media token or path handle that ends before its session does.
 */
export interface Identity extends Validity {
  readonly userId: number
  readonly username: string
  readonly isAdmin: boolean
  readonly isActive: boolean
  /** The session (or player token) that this request stands on; it ends, everything that stands on it ends. */
  readonly sessionId: string
  readonly access: CameraAccess
  /** Set when the request came with a token that opens one camera's media and nothing else. */
  readonly onlyCamera?: string
}

export function maySeeCamera(identity: Identity, camera: string): boolean {
  if (identity.onlyCamera !== undefined && identity.onlyCamera !== camera) return false
  return identity.access.mode === 'all' || identity.access.cameras.has(camera)
}

export function maySeeAll({ access, onlyCamera }: Identity): boolean {
  return access.mode === 'all' && onlyCamera === undefined
}

/** Whether everything that `lesser` may see, `greater` may see too. */
export function covers(greater: CameraAccess, lesser: CameraAccess): boolean {
  if (greater.mode === 'all') return true
  return lesser.mode === 'custom' && lesser.cameras.isSubsetOf(greater.cameras)
}

/** Whose share it is what this person takes. */
export function ownerOf({ userId, sessionId }: Identity): Owner {
  return { user: userId, token: sessionId }
}
