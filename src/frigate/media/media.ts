import type { MediaType } from '../../upstream/media-type.ts'
import type { PulledAnswer } from '../../upstream/pulled-response.ts'
import type { FrigateClient } from '../connection/client.ts'
import { FrigateEmpty, FrigateRefused } from '../errors.ts'

/** ffmpeg and the VOD module take their time before the first byte, in milliseconds. */
export const FIRST_BYTE_MS = 30_000

const ANSWERS = new Set([200, 206, 304, 416])

/** Of whom an answer is for. It goes along with the headers of the request, and no further. */
export interface Recipient {
  /** Aborted when the client is gone. */
  readonly signal: AbortSignal
  readonly type: MediaType
  /** Told what went wrong. */
  fail(error: unknown): void
}

export const RECIPIENT = Symbol('recipient')

/** What `@fastify/reply-from` asks of whatever it forwards to. */
interface ForwardedRequest {
  readonly method: 'GET' | 'HEAD'
  readonly path: string
  readonly headers: Readonly<Record<string, string | undefined>> & { readonly [RECIPIENT]: Recipient }
}

/**
 * Frigate as `@fastify/reply-from` knows an upstream: logged in, with as many clips and segments as may play at once, and
 * aborted with its client at any time, also before it has answered.
 */
export class FrigateMedia {
  readonly #client: FrigateClient

  constructor(client: FrigateClient) {
    this.#client = client
  }

  request(asked: ForwardedRequest, done: (error: null, answer: PulledAnswer) => void): void {
    const { fail } = asked.headers[RECIPIENT]
    this.#open(asked).then(
      answer => done(null, answer),
      error => fail(error),
    )
  }

  async #open({ method, path, headers }: ForwardedRequest): Promise<PulledAnswer> {
    const { signal, type } = headers[RECIPIENT]
    const passed = Object.fromEntries(
      Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
    )
    const request = { method, headers: passed, signal, type, timeoutMs: FIRST_BYTE_MS }
    const answer = await this.#client.openMedia(path, request)
    const { statusCode, body } = answer
    const hasBody = method === 'GET' && statusCode < 300
    if (ANSWERS.has(statusCode) && (!hasBody || (await body.begun))) return answer
    body.close()
    throw ANSWERS.has(statusCode) ? new FrigateEmpty() : new FrigateRefused(statusCode)
  }
}
