import { once } from 'node:events'
import { type Agent, type IncomingMessage, request } from 'node:http'
import { text } from 'node:stream/consumers'

export interface LoginAnswer {
  readonly status: number
  /** Seconds; `NaN` without the header. */
  readonly retryAfter: number
  readonly body: {
    readonly code?: string
    readonly error?: string
    readonly attempts_remaining?: number
    readonly token?: string
  }
}

export interface LoginOptions {
  /** The address that the connection comes from, one of 127.0.0.0/8. */
  readonly from?: string
  /** What a proxy, or somebody who claims to be one, says of the address. */
  readonly forwardedFor?: string
  /** A session that the device has already. */
  readonly token?: string
  readonly agent?: Agent
}

/** Tries to log in, from wherever a test likes. */
export async function logIn(
  origin: string,
  username: string,
  password: string,
  { from, forwardedFor, token, agent }: LoginOptions = {},
): Promise<LoginAnswer> {
  const body = JSON.stringify({ username, password })
  const sent = request(`${origin}/api/auth/login`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      ...(forwardedFor === undefined ? {} : { 'x-forwarded-for': forwardedFor }),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    ...(from === undefined ? {} : { localAddress: from }),
    ...(agent ? { agent } : {}),
  }).end(body)
  const [reply] = (await once(sent, 'response')) as [IncomingMessage]
  return {
    status: reply.statusCode ?? 0,
    retryAfter: Number(reply.headers['retry-after'] ?? Number.NaN),
    body: JSON.parse(await text(reply)),
  }
}
