import { networkOf } from '../network/address.ts'

/** Where somebody logs in from. */
export interface Client {
  readonly address: string
  readonly userAgent: string
  /** The address is a proxy's that nobody has listed as trusted: many people may stand behind it. */
  readonly sharedAddress: boolean
}

export interface Attempt {
  readonly client: Client
  readonly username: string
  /** The request came with a session of this very account. */
  readonly ownDevice: boolean
}

/** As much of a name is kept: no account has a longer one. */
export const MAX_NAME = 64

type Place = Pick<Client, 'address' | 'sharedAddress'>

/** Whom a failure counts against, as administrators see and unblock it. */
export function subjectOf({ address, sharedAddress }: Place, username: string): string {
  return sharedAddress ? `${networkOf(address)} (${username.slice(0, MAX_NAME)})` : networkOf(address)
}

/** An account, whether it is there or not: nobody shall tell by how it is slowed. */
export function accountSubject(username: string): string {
  return `account ${username.slice(0, MAX_NAME)}`
}

/** All names together that are tried from behind an unlisted proxy. */
export function networkSubject({ address }: Place): string {
  return `behind ${networkOf(address)}`
}
