import type { Identity } from '../access/identity.ts'
import type { Account } from '../accounts/account.ts'

/** A live session: whose it is, what it may do, and when it ends (milliseconds since the epoch). */
export interface Session {
  readonly id: string
  readonly account: Account
  readonly identity: Identity
  readonly expiresAt: number
}
