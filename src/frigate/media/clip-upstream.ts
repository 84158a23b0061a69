import type { ClipUpstream } from '../../clips/clip.ts'
import { ClipNotFound } from '../../clips/errors.ts'
import type { Forwarding } from '../../upstream/media.ts'
import { FrigateRefused } from '../errors.ts'
import type { Frigate } from '../frigate.ts'
import { FIRST_BYTE_MS } from './media.ts'

/** Clips as Frigate gives them. */
export class FrigateClips implements ClipUpstream {
  readonly #frigate: Frigate

  constructor(frigate: Frigate) {
    this.#frigate = frigate
  }

  async takesRanges(): Promise<boolean> {
    return (await this.#frigate.dialect()).clipRanges
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
    if (!(error instanceof FrigateRefused)) return error
    if (error.status === 404 || error.status === 400) return new ClipNotFound()
    this.#frigate.suspectVersion()
    return error
  }
}

function clipPath(id: string): string {
  return `/api/events/${encodeURIComponent(id)}/clip.mp4`
}
