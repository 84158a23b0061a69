import type { CameraAccess, Identity } from '../access/identity.ts'
import type { Account } from '../accounts/account.ts'

/** A live session or player token: whose it is and what it may do. */
export interface Session {
  readonly id: string
  readonly account: Account
  readonly identity: Identity
}

export function makeSession(id: string, account: Account, access: CameraAccess, expiresAt: number): Session {
  return {
    id,
    account,
    identity: {
      userId: account.id,
      username: account.username,
      isAdmin: account.is_admin,
      isActive: account.is_active,
      sessionId: id,
      expiresAt,
      access,
    },
  }
}

/** The same session for a token that opens one camera's media and nothing else. */
export function narrowTo(session: Session, camera: string): Session {
  return { ...session, identity: { ...session.identity, onlyCamera: camera } }
}
