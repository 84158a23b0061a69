import type { Forwarding } from '../../upstream/media.ts'
import type { MediaType } from '../../upstream/media-type.ts'
import { VodNotFound } from '../../vod/errors.ts'
import type { VodUpstream } from '../../vod/vod.ts'
import type { FrigateClient } from '../connection/client.ts'
import { FrigateEmpty, FrigateRefused } from '../errors.ts'
import { FIRST_BYTE_MS } from './media.ts'

/** A day of ten-second segments is half a megabyte. */
const MAX_PLAYLIST_BYTES = 2 * 1024 * 1024

/** HLS of Frigate's nginx-vod-module. */
export class FrigateVod implements VodUpstream {
  readonly #client: FrigateClient

  constructor(client: FrigateClient) {
    this.#client = client
  }

  async playlist(path: string, signal?: AbortSignal): Promise<string> {
    try {
      const request = { timeoutMs: FIRST_BYTE_MS, signal }
      return (await this.#client.bytes(path, MAX_PLAYLIST_BYTES, request)).bytes.toString()
    } catch (error) {
      throw explain(error)
    }
  }

  segment(path: string, type: MediaType): Forwarding {
    return { path, type, explain }
  }
}

function explain(error: unknown): unknown {
  const isNothing = error instanceof FrigateEmpty || (error instanceof FrigateRefused && error.status === 404)
  return isNothing ? new VodNotFound() : error
}
