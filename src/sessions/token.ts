import { CLOCK_SKEW_MS } from '../validity.ts'

/** What a session's token says. Times in seconds since the epoch (RFC 7519, NumericDate). */
export interface SessionClaims {
  readonly user_id: number
  /** The id of the session it stands for. */
  readonly jti: string
  readonly iat: number
  readonly exp: number
  /** Set in a media token: the one camera whose media it opens. */
  readonly camera?: string
}

/** Signs and verifies tokens; `verify` throws on a bad signature, another algorithm or an expired token. */
export interface TokenSigner {
  sign(claims: SessionClaims): string
  verify(token: string): unknown
}

/** The claims of a token, or `undefined` if it is not one that this server would have issued. */
export function readToken(signer: TokenSigner, token: string, now: number): SessionClaims | undefined {
  try {
    const claims = signer.verify(token)
    return isSessionClaims(claims) && claims.iat * 1000 <= now + CLOCK_SKEW_MS ? claims : undefined
  } catch {
    return undefined
  }
}

function isSessionClaims(claims: unknown): claims is SessionClaims {
  if (typeof claims !== 'object' || claims === null) return false
  const { user_id, jti, iat, exp, camera } = claims as Record<string, unknown>
  return (
    Number.isInteger(user_id) &&
    typeof jti === 'string' &&
    Number.isFinite(iat) &&
    Number.isFinite(exp) &&
    (camera === undefined || typeof camera === 'string')
  )
}
