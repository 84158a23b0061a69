import type { ClipOwner, ClipUpstream } from '../../clips/clip.ts'
import { ClipEmpty, ClipNotFound } from '../../clips/errors.ts'
import type { Forwarding } from '../../upstream/media.ts'
import { FrigateEmpty, FrigateRefused } from '../errors.ts'
import type { Frigate } from '../frigate.ts'
import { FIRST_BYTE_MS } from './media.ts'

/** Recordings of an event are there by then at the latest, in seconds after its end. */
const SETTLED_S = 120

/** Clips as Frigate gives them. */
export class FrigateClips implements ClipUpstream {
  readonly #frigate: Frigate

  constructor(frigate: Frigate) {
    this.#frigate = frigate
  }

  async takesRanges(): Promise<boolean> {
    return (await this.#frigate.dialect()).clipRanges
  }

  /** Frigate cuts a clip out of the recordings that it knows, and knows the last ones some seconds after the event has ended. */
  async isFinal({ camera, startTime, endTime }: ClipOwner, signal: AbortSignal): Promise<boolean> {
    if (endTime === null) return false
    if (Date.now() / 1000 - endTime > SETTLED_S) return true
    return this.#frigate.recordings.cover(camera, startTime, endTime, signal).catch(() => false)
  }

  forward(id: string): Forwarding {
    return { path: clipPath(id), type: 'video/mp4', explain: error => this.#told(error) }
  }

  async open(id: string, signal: AbortSignal) {
    const request = { signal, type: 'video/mp4', timeoutMs: FIRST_BYTE_MS } as const
    const { statusCode, headers, body } = await this.#frigate.client.openMedia(clipPath(id), request)
    if (statusCode !== 200) {
      body.close()
      throw this.#told(new FrigateRefused(statusCode))
    }
    const length = Number(headers['content-length'])
    return { body, length: Number.isSafeInteger(length) ? length : undefined }
  }

  /** 404: no such event, or no clip of it; 400: nothing is recorded of its time. */
  #told(error: unknown): unknown {
    if (error instanceof FrigateEmpty) return new ClipEmpty()
    if (!(error instanceof FrigateRefused)) return error
    if (error.status === 400) return new ClipEmpty()
    if (error.status === 404) return new ClipNotFound()
    this.#frigate.suspectVersion()
    return error
  }
}

function clipPath(id: string): string {
  return `/api/events/${encodeURIComponent(id)}/clip.mp4`
}
