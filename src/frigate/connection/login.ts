import type { Dispatcher } from 'undici'
import { parseJson } from '../../json/parse.ts'
import { isRecord } from '../../json/record.ts'
import { FrigateLoginFailed } from '../errors.ts'
import type { FrigateRequest } from './request.ts'

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
    if (this.#session && performance.now() < this.#session.renewAt) return this.#session.token
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

/** By `performance.now()`: a clock that is set keeps no token beyond its end. */
function renewalOf(token: string): number {
  return performance.now() + (lifeOf(token) ?? ASSUMED_LIFE_MS) * (1 - RENEW_SHARE)
}

/** Milliseconds that a token has when it is new; by its own `iat` where it has one, as the clocks may differ. */
function lifeOf(token: string): number | undefined {
  try {
    const claims = parseJson(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())
    if (!isRecord(claims)) return undefined
    const { iat, exp } = claims
    if (typeof exp !== 'number') return undefined
    return exp * 1000 - (typeof iat === 'number' ? iat * 1000 : Date.now())
  } catch {
    return undefined
  }
}
