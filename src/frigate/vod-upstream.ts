import type { MediaReply, MediaRequest } from '../upstream/media.ts'
import { VodNotFound } from '../vod/errors.ts'
import type { VodUpstream } from '../vod/vod.ts'
import type { FrigateClient } from './client.ts'
import { FrigateRefused } from './errors.ts'
import { FIRST_BYTE_MS, forwardMedia } from './media.ts'

/** A day of ten-second segments is half a megabyte. */
const MAX_PLAYLIST_BYTES = 2 * 1024 * 1024

/** HLS of Frigate's nginx-vod-module. */
export class FrigateVod implements VodUpstream {
  readonly #client: FrigateClient

  constructor(client: FrigateClient) {
    this.#client = client
  }

  async playlist(path: string): Promise<string> {
    try {
      const request = { timeoutMs: FIRST_BYTE_MS }
      return (await this.#client.bytes(path, MAX_PLAYLIST_BYTES, request)).bytes.toString()
    } catch (error) {
      throw told(error)
    }
  }

  async segment(path: string, request: MediaRequest): Promise<MediaReply> {
    try {
      return await forwardMedia(this.#client, path, request)
    } catch (error) {
      throw told(error)
    }
  }
}

function told(error: unknown): unknown {
  return error instanceof FrigateRefused && error.status === 404 ? new VodNotFound() : error
}
