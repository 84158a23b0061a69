import type { Dispatcher } from 'undici'
import type { FrigateRequest } from './client.ts'
import { FrigateLoginFailed } from './errors.ts'

interface Credentials {
  readonly user: string
  readonly password: string
}

/** A session is renewed when less than this share of its life is left. */
const RENEW_SHARE = 0.1
/** Frigate limits login attempts by address: after a refusal the next one waits. */
const REST_MS = 30_000
/** Where a token does not say when it ends. */
const ASSUMED_LIFE_MS = 3_600_000

/**
 * A session with Frigate's authenticated port (8971): the value of the cookie that `POST /api/login` sets is
 * taken as a Bearer token. One login at a time, renewed before it ends.
 */
export class Login {
  readonly #credentials: Credentials
  readonly #send: (request: FrigateRequest) => Promise<Dispatcher.ResponseData>
  #session: { readonly token: string; readonly renewAt: number } | undefined
  #refusedAt = Number.NEGATIVE_INFINITY
  #loggingIn: Promise<string> | undefined

  /** `send` makes a request of `/api/login`. */
  constructor(credentials: Credentials, send: (request: FrigateRequest) => Promise<Dispatcher.ResponseData>) {
    this.#credentials = credentials
    this.#send = send
  }

  async token(): Promise<string> {
    if (this.#session && Date.now() < this.#session.renewAt) return this.#session.token
    if (performance.now() - this.#refusedAt < REST_MS) throw new FrigateLoginFailed()
    this.#loggingIn ??= this.#logIn().finally(() => {
      this.#loggingIn = undefined
    })
    return this.#loggingIn
  }

  /** Frigate did not take the token: the next request logs in again. */
  forget(): void {
    this.#session = undefined
  }

  async #logIn(): Promise<string> {
    const { statusCode, headers, body } = await this.#send({
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-csrf-token': '1' },
      body: JSON.stringify(this.#credentials),
    })
    await body.dump({ limit: 64 * 1024 })
    const token = statusCode === 200 ? jwtAmong(headers['set-cookie']) : undefined
    if (token === undefined) {
      this.#refusedAt = performance.now()
      throw new FrigateLoginFailed()
    }
    this.#session = { token, renewAt: renewalOf(token) }
    return token
  }
}

/** The cookie's name is a setting of Frigate; its value is a JWT. */
function jwtAmong(cookies: string | string[] | undefined): string | undefined {
  for (const cookie of [cookies ?? []].flat()) {
    const value = /^[^=]+=([^;]+)/.exec(cookie)?.[1]
    if (value !== undefined && /^[\w-]+\.[\w-]+\.[\w-]+$/.test(value)) return value
  }
  return undefined
}

function renewalOf(token: string): number {
  const now = Date.now()
  const left = (expiryOf(token) ?? now + ASSUMED_LIFE_MS) - now
  return now + left * (1 - RENEW_SHARE)
}

function expiryOf(token: string): number | undefined {
  try {
    const claims: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())
    if (typeof claims === 'object' && claims !== null && 'exp' in claims && typeof claims.exp === 'number')
      return claims.exp * 1000
  } catch {
    return undefined
  }
  return undefined
}
