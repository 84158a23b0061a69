import type { Account } from '../access/account.ts'
import type { CameraAccess, Identity } from '../access/identity.ts'
import type { Validity } from '../validity.ts'

/** A live session or player token: whose it is and what it may do. */
export interface Session {
  readonly id: string
  readonly account: Account
  readonly identity: Identity
}

export function makeSession(
  id: string,
  account: Account,
  access: CameraAccess,
  { issuedAt, expiresAt }: Validity,
): Session {
  return {
    id,
    account,
    identity: {
      userId: account.id,
      username: account.username,
      isAdmin: account.is_admin,
      isActive: account.is_active,
      sessionId: id,
      issuedAt,
      expiresAt,
      access,
    },
  }
}

/** The same session for a token that opens one camera's media and nothing else, for as long as both hold. */
export function narrowTo({ id, account, identity }: Session, camera: string, token: Validity): Session {
  const expiresAt = Math.min(token.expiresAt, identity.expiresAt)
  return {
    id,
    account,
    identity: { ...identity, issuedAt: token.issuedAt, expiresAt, onlyCamera: camera },
  }
}
