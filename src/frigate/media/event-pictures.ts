import { createHash } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import { matches } from '../../http/etag.ts'
import { heapBytes } from '../../memory/heap-bytes.ts'
import type { EventOwner } from '../api/events.ts'
import type { FrigateClient } from '../connection/client.ts'
import { EventNotFound, FrigateRefused } from '../errors.ts'

export type PictureKind = 'snapshot' | 'thumbnail'

export interface EventPicture {
  readonly etag: string
  /** It will never be another one. */
  readonly immutable: boolean
  /** `undefined`: the client has it. */
  readonly jpeg: Buffer | undefined
}

const MAX_BYTES = 4 * 1024 * 1024
const ETAGS_BYTES = 1024 * 1024

/** Pictures of events. The ETag is made from the content; of an ended event it is remembered. */
export class EventPictures {
  readonly #client: FrigateClient
  readonly #etags = new LRUCache<string, string>({ maxSize: ETAGS_BYTES, sizeCalculation: heapBytes })

  constructor(client: FrigateClient) {
    this.#client = client
  }

  /** `known` is what the client says that it has: the value of `If-None-Match`. */
  async get(
    { id, endTime }: EventOwner,
    kind: PictureKind,
    known: string | undefined,
    signal?: AbortSignal,
  ): Promise<EventPicture> {
    const key = `${id}/${kind}.jpg`
    const ended = endTime !== null
    const remembered = ended ? this.#etags.get(key) : undefined
    if (remembered !== undefined && matches(known, remembered))
      return { etag: remembered, immutable: true, jpeg: undefined }
    const jpeg = await this.#fetch(key, signal)
    const etag = `"${createHash('sha256').update(jpeg).digest('base64url').slice(0, 27)}"`
    if (ended) this.#etags.set(key, etag)
    return { etag, immutable: ended, jpeg: matches(known, etag) ? undefined : jpeg }
  }

  async #fetch(key: string, signal: AbortSignal | undefined): Promise<Buffer> {
    try {
      const request = { purpose: 'pictures', type: 'image/jpeg', signal } as const
      return (await this.#client.bytes(`/api/events/${key}`, MAX_BYTES, request)).bytes
    } catch (error) {
      if (error instanceof FrigateRefused && error.status === 404) throw new EventNotFound()
      throw error
    }
  }
}
