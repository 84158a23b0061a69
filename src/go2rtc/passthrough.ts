import type { Pool } from 'undici'
import { CodedError } from '../errors.ts'
import { collect } from '../upstream/collect.ts'
import type { MediaReply } from '../upstream/media.ts'
import { mediaType } from '../upstream/media-type.ts'
import { PulledResponse } from '../upstream/pulled-response.ts'
import { Go2rtcMalformed, Go2rtcRefused, Go2rtcUnreachable } from './errors.ts'
import { JpegParts } from './jpeg-parts.ts'

const MAX_ANSWER_BYTES = 64 * 1024

/** A description of a session (RFC 8866) and its type. */
export interface Description {
  readonly type: string
  readonly body: Buffer
}

/**
 * What go2rtc makes for one client alone and camgate hands on as it comes. `stream` must be one that go2rtc lists: it takes
 * anything else for the address of a new one. Its words for a failure are not told: they may hold the camera's source.
 */
export class Passthrough {
  readonly #pool: Pool

  constructor(pool: Pool) {
    this.#pool = pool
  }

  /** Motion JPEG, until either side ends it or the signal is aborted. */
  async mjpeg(stream: string, signal: AbortSignal): Promise<MediaReply> {
    const response = new PulledResponse(signal, unreachable)
    this.#pool.dispatch(
      { method: 'GET', path: `/api/stream.mjpeg${query(stream)}`, headers: ACCEPT },
      response,
    )
    const { statusCode, headers, body } = await response.answer
    if (statusCode !== 200) {
      body.close()
      throw refused(statusCode)
    }
    try {
      const type = mediaType(headers['content-type'], 'multipart/x-mixed-replace')
      const boundary = boundaryIn(headers['content-type'] ?? '')
      return {
        status: 200,
        headers: { 'content-type': `${type}; boundary=${boundary}`, 'cache-control': 'no-store' },
        body: new JpegParts(body, boundary),
      }
    } catch (error) {
      body.close()
      throw error
    }
  }

  /** WHEP (RFC 9725): go2rtc's answer to the offer of a client. */
  async whep(stream: string, offer: Description, signal: AbortSignal): Promise<Description> {
    try {
      const { statusCode, headers, body } = await this.#pool.request({
        method: 'POST',
        path: `/api/webrtc${query(stream)}`,
        headers: { ...ACCEPT, ...(offer.type ? { 'content-type': offer.type } : {}) },
        body: offer.body,
        signal,
      })
      const answer = await collect(
        body,
        MAX_ANSWER_BYTES,
        () => new Go2rtcMalformed(`an answer below ${MAX_ANSWER_BYTES} bytes`),
      )
      if (statusCode >= 400) throw refused(statusCode)
      return { type: mediaType(headers['content-type'], 'application/sdp', 'application/json'), body: answer }
    } catch (error) {
      signal.throwIfAborted()
      throw error instanceof CodedError ? error : unreachable()
    }
  }
}

function boundaryIn(type: string): string {
  const boundary = /;\s*boundary="?([\w-]{1,70})"?\s*$/i.exec(type)?.[1]
  if (boundary === undefined) throw new Go2rtcMalformed('motion JPEG')
  return boundary
}

const ACCEPT = { accept: '*/*' }

function query(stream: string): string {
  return `?src=${encodeURIComponent(stream)}`
}

function refused(status: number): Error {
  return new Go2rtcRefused(`go2rtc answered with status ${status}`)
}

function unreachable(): Error {
  return new Go2rtcUnreachable('it does not answer')
}
