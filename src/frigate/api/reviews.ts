import { LRUCache } from 'lru-cache'
import { type Identity, maySeeCamera } from '../../access/identity.ts'
import { isRecord } from '../../json/record.ts'
import { heapBytes } from '../../memory/heap-bytes.ts'
import type { FrigateClient } from '../connection/client.ts'
import { EMPTY_LIST, listAsJson, rowsOf } from '../connection/lists.ts'
import type { FrigateRequest } from '../connection/request.ts'
import { FrigateMalformed, FrigateRefused, ReviewNotFound } from '../errors.ts'
import { seenBy, visibleCameras } from './visible.ts'

export interface ReviewItem {
  readonly id: string
  readonly camera: string
  readonly [member: string]: unknown
}

export interface ReviewFilters {
  readonly cameras?: string | undefined
  readonly labels?: string | undefined
  readonly zones?: string | undefined
  readonly severity?: string | undefined
  readonly reviewed?: number | undefined
  readonly before?: number | undefined
  readonly after?: number | undefined
  readonly limit?: number | undefined
}

const MAX_ITEM_BYTES = 256 * 1024
const OWNERS_BYTES = 1024 * 1024

/** Review items and exports. What is marked as viewed is so for everybody: Frigate knows one user of this server. */
export class Reviews {
  readonly #client: FrigateClient
  readonly #cameras = new LRUCache<string, string>({ maxSize: OWNERS_BYTES, sizeCalculation: heapBytes })

  constructor(client: FrigateClient) {
    this.#client = client
  }

  /** A JSON array, newest first. */
  async list(identity: Identity, filters: ReviewFilters, signal?: AbortSignal): Promise<Buffer> {
    const cameras = visibleCameras(identity, filters.cameras)
    if (cameras === undefined) return EMPTY_LIST
    const what = 'a list of review items'
    const request = { what, query: { ...filters, cameras }, signal, most: filters.limit }
    return listAsJson(rowsOf(this.#client, '/api/review', request, isItem), item => {
      this.#cameras.set(item.id, item.camera)
      return seenBy(identity, item)
    })
  }

  /** Throws `REVIEW_NOT_FOUND`, and marks nothing, if one of them is not there for this user. */
  async markViewed(identity: Identity, ids: readonly string[], signal?: AbortSignal): Promise<void> {
    for (const id of ids) {
      signal?.throwIfAborted()
      await this.#require(identity, id)
    }
    const body = JSON.stringify({ ids, reviewed: true })
    await this.#send('/api/reviews/viewed', { method: 'POST', body })
  }

  async markUnviewed(identity: Identity, id: string): Promise<void> {
    await this.#require(identity, id)
    await this.#send(`/api/review/${encodeURIComponent(id)}/viewed`, { method: 'DELETE' })
  }

  /** A JSON array. Frigate does not filter exports by camera; there are few of them. */
  async exports(identity: Identity, signal?: AbortSignal): Promise<Buffer> {
    const rows = rowsOf(this.#client, '/api/exports', { what: 'a list of exports', signal }, isItem)
    return listAsJson(rows, item => seenBy(identity, item))
  }

  async #require(identity: Identity, id: string): Promise<void> {
    const camera = this.#cameras.get(id) ?? (await this.#ask(id))
    if (!maySeeCamera(identity, camera)) throw new ReviewNotFound()
  }

  async #ask(id: string): Promise<string> {
    try {
      const item = await this.#client.json(`/api/review/${encodeURIComponent(id)}`, MAX_ITEM_BYTES)
      if (!isRecord(item) || !isItem(item) || item.id !== id) throw new FrigateMalformed('a review item')
      this.#cameras.set(id, item.camera)
      return item.camera
    } catch (error) {
      if (error instanceof FrigateRefused && error.status === 404) throw new ReviewNotFound()
      throw error
    }
  }

  /** Frigate wants `x-csrf-token` where there is an Origin; it does no harm where there is none. */
  async #send(path: string, request: FrigateRequest): Promise<void> {
    const headers = { 'content-type': 'application/json', 'x-csrf-token': '1' }
    await this.#client.bytes(path, MAX_ITEM_BYTES, { ...request, headers })
  }
}

function isItem(value: Readonly<Record<string, unknown>>): value is ReviewItem {
  return typeof value.id === 'string' && typeof value.camera === 'string'
}
