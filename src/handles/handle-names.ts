import { createHmac } from 'node:crypto'
import type { HandleOwner } from './handle-owner.ts'

const BYTES = 18

/**
 * The handles of (session, subject), and of what ends before the session: nobody guesses them without the server's secret, and the server finds the same
 * one again after a restart without having kept it.
 */
export class HandleNames {
  readonly #keys: readonly Buffer[]

  /** The first key names what is new; what the others have named still counts. */
  constructor(keys: readonly Buffer[]) {
    this.#keys = keys
  }

  /** One for each key, in their order. */
  of({ sessionId, subject: { kind, id, camera }, validity }: HandleOwner): readonly string[] {
    const ends = validity ? [validity.issuedAt, validity.expiresAt] : []
    const text = JSON.stringify([sessionId, kind, id, camera ?? null, ...ends])
    return this.#keys.map(key =>
      createHmac('sha256', key).update(text).digest().subarray(0, BYTES).toString('base64url'),
    )
  }
}
