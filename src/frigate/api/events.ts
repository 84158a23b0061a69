import { LRUCache } from 'lru-cache'
import { type Identity, maySeeCamera } from '../../access/identity.ts'
import { isRecord } from '../../json/record.ts'
import { heapBytes } from '../../memory/heap-bytes.ts'
import type { FrigateClient } from '../connection/client.ts'
import { EMPTY_LIST, listAsJson, rowsOf } from '../connection/lists.ts'
import type { Query } from '../connection/request.ts'
import { EventNotFound, FrigateMalformed, FrigateRefused } from '../errors.ts'
import { SAID_TO_ALL } from './version.ts'
import { seenBy, visibleCameras } from './visible.ts'

/** An event as Frigate tells it; what is not named here passes through untouched. */
export interface FrigateEvent {
  readonly id: string
  readonly camera: string
  readonly label: string
  /** Epoch seconds. */
  readonly start_time: number
  /** `null` while it goes on. */
  readonly end_time: number | null
  readonly [member: string]: unknown
}

/** What has to be known of an event before a byte of it is handed out. */
export interface EventOwner {
  readonly id: string
  readonly camera: string
  /** Epoch seconds. */
  readonly startTime: number
  /** `null` while it goes on. */
  readonly endTime: number | null
}

/** The filters of the list that are passed on, under Frigate's names. */
export interface EventFilters {
  readonly cameras?: string | undefined
  readonly labels?: string | undefined
  readonly zones?: string | undefined
  readonly sub_labels?: string | undefined
  readonly before?: number | undefined
  readonly after?: number | undefined
  readonly limit?: number | undefined
  readonly has_clip?: number | undefined
  readonly has_snapshot?: number | undefined
  readonly in_progress?: number | undefined
  readonly favorites?: number | undefined
  readonly min_score?: number | undefined
  readonly max_score?: number | undefined
  readonly sort?: string | undefined
}

/** One event comes with its thumbnail, base64. */
const MAX_EVENT_BYTES = 1024 * 1024
const OWNERS_BYTES = 1024 * 1024
/** How long it is believed that an event still goes on, in milliseconds. */
const ONGOING_MS = 2000

/** Frigate's events (tracked objects). Every answer is cut to what the user may see where it is made. */
export class Events {
  readonly #client: FrigateClient
  readonly #owners = new LRUCache<string, EventOwner & { readonly at: number }>({
    maxSize: OWNERS_BYTES,
    sizeCalculation: ({ id, camera }) => heapBytes(id, camera),
  })
  readonly #asking = new Map<string, Promise<EventOwner>>()

  constructor(client: FrigateClient) {
    this.#client = client
  }

  /** A JSON array, newest first unless `sort` says otherwise. */
  async list(identity: Identity, filters: EventFilters, signal?: AbortSignal): Promise<Buffer> {
    const cameras = visibleCameras(identity, filters.cameras)
    if (cameras === undefined) return EMPTY_LIST
    return listAsJson(this.#rows({ ...filters, cameras }, signal), event => seenBy(identity, event))
  }

  /** The latest event of each zone, in the order of the zones; a zone without one is left out. */
  async latestOfZones(identity: Identity, zones: readonly string[], signal?: AbortSignal) {
    const latest: (FrigateEvent | undefined)[] = []
    // One after another: a request has one connection, not as many as it names zones.
    for (const zone of zones) latest.push(await this.#latest(identity, zone, signal))
    return latest.flatMap((event, i) =>
      event
        ? [
            {
              zone: zones[i]!,
              id: event.id,
              camera: event.camera,
              label: event.label,
              time: event.start_time,
            },
          ]
        : [],
    )
  }

  /** Whose event it is. Throws `EVENT_NOT_FOUND` if there is none or this user may not see its camera, alike. */
  async require(identity: Identity, id: string): Promise<EventOwner> {
    const owner = await this.#owner(id)
    if (!maySeeCamera(identity, owner.camera)) throw new EventNotFound()
    return owner
  }

  /** The newest events of every camera, for those who filter them themselves. */
  newest(limit: number): AsyncIterable<readonly FrigateEvent[]> {
    return this.#rows({ limit })
  }

  async #latest(
    identity: Identity,
    zone: string,
    signal: AbortSignal | undefined,
  ): Promise<FrigateEvent | undefined> {
    const cameras = visibleCameras(identity, undefined)
    if (cameras === undefined) return undefined
    for await (const [event] of this.#rows({ cameras, zones: zone, limit: 1 }, signal))
      if (event && maySeeCamera(identity, event.camera)) return event
    return undefined
  }

  async *#rows(filters: EventFilters, signal?: AbortSignal): AsyncGenerator<readonly FrigateEvent[]> {
    const query: Query = { ...filters, ...SAID_TO_ALL.eventList }
    for await (const events of rowsOf(
      this.#client,
      '/api/events',
      { what: 'a list of events', query, signal, most: filters.limit },
      isEvent,
    )) {
      for (const event of events) this.#learn(event)
      yield events
    }
  }

  async #owner(id: string): Promise<EventOwner> {
    const known = this.#owners.get(id)
    if (known && (known.endTime !== null || performance.now() - known.at < ONGOING_MS)) return known
    let asking = this.#asking.get(id)
    if (!asking) {
      asking = this.#ask(id).finally(() => this.#asking.delete(id))
      this.#asking.set(id, asking)
    }
    return asking
  }

  async #ask(id: string): Promise<EventOwner> {
    try {
      const event = await this.#client.json(`/api/events/${encodeURIComponent(id)}`, MAX_EVENT_BYTES)
      if (!isRecord(event) || !isEvent(event) || event.id !== id) throw new FrigateMalformed('an event')
      return this.#learn(event)
    } catch (error) {
      if (error instanceof FrigateRefused && error.status === 404) throw new EventNotFound()
      throw error
    }
  }

  #learn({ id, camera, start_time: startTime, end_time: endTime }: FrigateEvent): EventOwner {
    const owner = { id, camera, startTime, endTime, at: performance.now() }
    this.#owners.set(id, owner)
    return owner
  }
}

export function isEvent(value: Readonly<Record<string, unknown>>): value is FrigateEvent {
  const { id, camera, label, start_time, end_time } = value
  return (
    typeof id === 'string' &&
    typeof camera === 'string' &&
    typeof label === 'string' &&
    typeof start_time === 'number' &&
    (end_time === null || typeof end_time === 'number')
  )
}
