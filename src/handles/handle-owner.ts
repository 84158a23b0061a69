import type { Identity } from '../access/identity.ts'
import type { Validity } from '../validity.ts'
import type { Subject } from './subject.ts'

/** The session (or player token) that a handle stands on, and what it opens. */
export interface HandleOwner {
  readonly sessionId: string
  readonly subject: Subject
  /** Set where it was issued for something that ends before the session does: a media token. */
  readonly validity?: Validity | undefined
}

/** Of a media token the handle is another one than of its session. */
export function ownerOf(
  { sessionId, onlyCamera, issuedAt, expiresAt }: Identity,
  subject: Subject,
): HandleOwner {
  return {
    sessionId,
    subject,
    validity: onlyCamera === undefined ? undefined : { issuedAt, expiresAt },
  }
}
