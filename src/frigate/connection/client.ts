import type { IncomingHttpHeaders } from 'node:http'
import type { Dispatcher } from 'undici'
import type { WebSocket } from 'ws'
import { CodedError } from '../../errors.ts'
import { JsonTooLarge, JsonUnreadable } from '../../json/errors.ts'
import { type Member, membersOf } from '../../json/members.ts'
import { parseJson } from '../../json/parse.ts'
import { collect } from '../../upstream/collect.ts'
import { mediaType } from '../../upstream/media-type.ts'
import { type PulledAnswer, PulledResponse } from '../../upstream/pulled-response.ts'
import {
  FrigateAbsent,
  FrigateBusy,
  FrigateMalformed,
  FrigateRefused,
  FrigateTimeout,
  FrigateTooLarge,
  FrigateUnreachable,
  FrigateUntrusted,
} from '../errors.ts'
import { Login } from './login.ts'
import { FrigatePools, HEADERS_MS, MEDIA_CONNECTIONS } from './pools.ts'
import type { FrigateRequest, MembersRequest, Query } from './request.ts'
import { isDistrust, trust } from './trust.ts'

export interface ClientOptions {
  readonly origin: URL | undefined
  readonly user: string | undefined
  readonly password: string | undefined
  /** PEM of the authority that signed Frigate's certificate, where it is not a public one. */
  readonly ca?: string | undefined
  /** Silence between two chunks of an answer that ends it, in milliseconds. */
  readonly idleMs?: number
  /** Told of what is said once and not to each who asks. */
  readonly complain?: ((error: CodedError) => void) | undefined
}

const IDLE_MS = 30_000
/** Until an answer that is collected is complete, the time in line included, in milliseconds. */
const COMPLETE_MS = 60_000
/** `camera_activity` of a large house is the largest that Frigate tells. */
const MAX_MESSAGE_BYTES = 1024 * 1024
const MAX_ERROR_BYTES = 64 * 1024

/** Frigate's HTTP interface: bounded pools, timeouts everywhere, logged in where it wants that. */
export class FrigateClient {
  readonly complain: (error: CodedError) => void
  readonly #origin: URL | undefined
  readonly #ca: string | undefined
  readonly #pools: FrigatePools | undefined
  readonly #login: Login | undefined
  #media = 0

  constructor({ origin, user, password, ca, idleMs = IDLE_MS, complain = () => {} }: ClientOptions) {
    this.complain = complain
    this.#origin = origin
    this.#ca = ca
    if (!origin) return
    this.#pools = new FrigatePools(origin, ca, idleMs)
    if (user !== undefined && password !== undefined)
      this.#login = new Login({ user, password }, request =>
        this.#send('/api/login', { ...request, purpose: 'control' }, undefined),
      )
  }

  /** Whether there is a Frigate at all. */
  get present(): boolean {
    return this.#pools !== undefined
  }

  /** Connections in use and requests in line, for tests and status. */
  get load(): { readonly running: number; readonly waiting: number } {
    return this.#pools?.load ?? { running: 0, waiting: 0 }
  }

  /** Any answer, of whatever status; its body is the caller's to read or to destroy. */
  async open(path: string, request: FrigateRequest = {}): Promise<Dispatcher.ResponseData> {
    return this.#loggedIn(
      token => this.#send(path, request, token),
      ({ body }) => body.dump({ limit: MAX_ERROR_BYTES }),
    )
  }

  /** As `open`, for what is handed on as it comes; throws `FRIGATE_BUSY` rather than to leave nothing for the rest. */
  async openMedia(path: string, request: FrigateRequest): Promise<PulledAnswer> {
    const answer = await this.#loggedIn(
      token => this.#pull(path, request, token),
      ({ body }) => body.close(),
    )
    try {
      checkType(request, answer)
      return answer
    } catch (error) {
      answer.body.close()
      throw error
    }
  }

  /** The whole body of a 200, at most `maxBytes` of it. */
  async bytes(
    path: string,
    maxBytes: number,
    request: FrigateRequest = {},
  ): Promise<{ readonly headers: IncomingHttpHeaders; readonly bytes: Buffer }> {
    const { statusCode, headers, body } = await this.open(path, withDeadline(request))
    try {
      if (statusCode !== 200) {
        await body.dump({ limit: MAX_ERROR_BYTES })
        throw new FrigateRefused(statusCode)
      }
      checkType(request, { statusCode, headers })
      return { headers, bytes: await collect(body, maxBytes, () => new FrigateTooLarge(maxBytes)) }
    } catch (error) {
      body.destroy()
      throw readable(error)
    }
  }

  /** A JSON answer, at most `maxBytes` of it. What is in it is still untrusted. */
  async json(path: string, maxBytes: number, request: FrigateRequest = {}): Promise<unknown> {
    const { bytes } = await this.bytes(path, maxBytes, request)
    try {
      return parseJson(bytes.toString())
    } catch {
      throw new FrigateMalformed('JSON, or more of it than fits')
    }
  }

  /**
   * The members of one array or object of a JSON answer, as they come and never many at once; whoever leaves reads no more. `what` names
   * the answer in the error where it is something else.
   */
  async *members(
    path: string,
    what: string,
    { container, limits, ...request }: MembersRequest,
  ): AsyncGenerator<readonly Member[]> {
    const { statusCode, body } = await this.open(path, withDeadline(request))
    try {
      if (statusCode !== 200) {
        await body.dump({ limit: MAX_ERROR_BYTES })
        throw new FrigateRefused(statusCode)
      }
      yield* membersOf(body, container, limits)
    } catch (error) {
      if (error instanceof JsonTooLarge) throw new FrigateTooLarge(error.limit)
      if (error instanceof JsonUnreadable) throw new FrigateMalformed(what)
      throw readable(error)
    } finally {
      body.destroy()
    }
  }

  /** A socket that connects to Frigate, of small messages; the package is loaded for it. */
  async webSocket(path: string): Promise<WebSocket> {
    if (!this.#origin) throw new FrigateAbsent()
    const [{ WebSocket }, token] = await Promise.all([import('ws'), this.#login?.token()])
    const url = new URL(path, this.#origin)
    url.protocol = url.protocol.replace('http', 'ws')
    const socket = new WebSocket(url, {
      headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
      handshakeTimeout: HEADERS_MS,
      maxPayload: MAX_MESSAGE_BYTES,
      perMessageDeflate: false,
      ...trust(this.#ca),
    })
    socket.once('error', error => {
      if (error.message.includes('401')) this.#login?.forget()
    })
    return socket
  }

  /** Ends every connection, whatever runs on it. */
  async close(): Promise<void> {
    await this.#pools?.close()
  }

  /** A token that Frigate does not take any more is replaced once. */
  async #loggedIn<T extends { readonly statusCode: number }>(
    send: (token: string | undefined) => Promise<T>,
    drop: (refusal: T) => unknown,
  ): Promise<T> {
    const answer = await send(await this.#login?.token())
    if (answer.statusCode !== 401 || !this.#login) return answer
    await drop(answer)
    this.#login.forget()
    return send(await this.#login.token())
  }

  async #pull(path: string, request: FrigateRequest, token: string | undefined): Promise<PulledAnswer> {
    if (!this.#pools) throw new FrigateAbsent()
    if (this.#media >= MEDIA_CONNECTIONS) throw new FrigateBusy()
    this.#media++
    const response = new PulledResponse(request.signal, error => readable(error, request.timeoutMs))
    response.done.then(() => this.#media--)
    this.#pools.for('media').dispatch(toFrigate(path, request, token), response)
    return response.answer
  }

  async #send(path: string, request: FrigateRequest, token: string | undefined) {
    if (!this.#pools) throw new FrigateAbsent()
    try {
      const { signal, purpose = 'queries' } = request
      const answer = await this.#pools.for(purpose).request({
        ...toFrigate(path, request, token),
        ...(signal === undefined ? {} : { signal }),
      })
      // Whoever reads the body hears of its errors; one that nobody reads must not end the process.
      answer.body.on('error', () => {})
      return answer
    } catch (error) {
      throw readable(error, request.timeoutMs)
    }
  }
}

/** Throws `MEDIA_TYPE_REFUSED` at a body of another type than was asked for. */
function checkType({ type }: FrigateRequest, { statusCode, headers }: Omit<PulledAnswer, 'body'>): void {
  if (type !== undefined && (statusCode === 200 || statusCode === 206))
    mediaType(headers['content-type'], type)
}

/** Ends at the deadline, or when the client has gone. */
function withDeadline(request: FrigateRequest): FrigateRequest {
  const late = AbortSignal.timeout(COMPLETE_MS)
  return { ...request, signal: request.signal ? AbortSignal.any([request.signal, late]) : late }
}

function toFrigate(path: string, request: FrigateRequest, token: string | undefined) {
  return {
    method: request.method ?? 'GET',
    path: path + search(request.query),
    headers: { ...request.headers, ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) },
    ...(request.body === undefined ? {} : { body: request.body }),
    ...(request.timeoutMs === undefined ? {} : { headersTimeout: request.timeoutMs }),
  }
}

function search(query: Query = {}): string {
  const parameters = new URLSearchParams()
  for (const [name, value] of Object.entries(query))
    if (value !== undefined) parameters.set(name, String(value))
  return parameters.size === 0 ? '' : `?${parameters}`
}

/** The error that a person may read; an abort by the caller stays what it is. */
function readable(error: unknown, timeoutMs = HEADERS_MS): unknown {
  if (error instanceof CodedError || !(error instanceof Error)) return error
  if (error.name === 'AbortError') return error
  const code = 'code' in error ? String(error.code) : error.name
  if (error.name === 'TimeoutError' || code === 'UND_ERR_HEADERS_TIMEOUT' || code === 'UND_ERR_BODY_TIMEOUT')
    return new FrigateTimeout(Math.round(timeoutMs / 1000))
  return isDistrust(code) ? new FrigateUntrusted(code) : new FrigateUnreachable(code)
}
