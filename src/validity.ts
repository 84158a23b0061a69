/** From when until when something holds, in milliseconds since the epoch. */
export interface Validity {
  readonly issuedAt: number
  readonly expiresAt: number
}

/** Clocks of one house may differ by so much, and one that is corrected steps by less. */
export const CLOCK_SKEW_MS = 60_000

export const FOR_EVER: Validity = { issuedAt: Number.NEGATIVE_INFINITY, expiresAt: Number.POSITIVE_INFINITY }

/** What was issued in the future was issued under another clock: nobody knows when it ends, so it holds no more. */
export function holdsAt({ issuedAt, expiresAt }: Validity, now: number): boolean {
  return issuedAt <= now + CLOCK_SKEW_MS && now < expiresAt
}
