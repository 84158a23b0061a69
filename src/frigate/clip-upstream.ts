import type { ClipUpstream } from '../clips/clip.ts'
import { ClipNotFound } from '../clips/errors.ts'
import type { MediaReply, MediaRequest } from '../upstream/media.ts'
import { StreamBody } from '../upstream/stream-body.ts'
import { FrigateRefused } from './errors.ts'
import type { Frigate } from './frigate.ts'
import { FIRST_BYTE_MS, forwardMedia } from './media.ts'

/** Clips as Frigate gives them. */
export class FrigateClips implements ClipUpstream {
  readonly #frigate: Frigate

  constructor(frigate: Frigate) {
    this.#frigate = frigate
  }

  async takesRanges(): Promise<boolean> {
    return (await this.#frigate.dialect()).clipRanges
  }

  async forward(id: string, request: MediaRequest): Promise<MediaReply> {
    try {
      return await forwardMedia(this.#frigate.client, clipPath(id), request)
    } catch (error) {
      throw this.#told(error)
    }
  }

  async open(id: string, signal: AbortSignal) {
    const answer = await this.#frigate.client.openMedia(clipPath(id), { signal, timeoutMs: FIRST_BYTE_MS })
    if (answer.statusCode !== 200) {
      answer.body.destroy()
      throw this.#told(new FrigateRefused(answer.statusCode))
    }
    const length = Number(answer.headers['content-length'])
    return { body: new StreamBody(answer.body), length: Number.isSafeInteger(length) ? length : undefined }
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
