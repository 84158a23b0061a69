import type { Database } from '../database/database.ts'
import { toTimestamp } from '../database/file/timestamp.ts'
import type { ReadHandle } from '../database/sqlite/lease.ts'
import { isPrivate } from '../network/address.ts'

/** What a provider says of an address. */
export interface Place {
  readonly country: string
  readonly region: string
  readonly city: string
  readonly lat: number | null
  readonly lon: number | null
  readonly isp: string
}

export type Lookup = (address: string, signal: AbortSignal) => Promise<Place | undefined>

const KEPT_MS = 7 * 24 * 3_600_000
const KEPT = 5000
const WAITING = 100
const TIMEOUT_MS = 5000
const UNKNOWN: Place = { country: '', region: '', city: '', lat: null, lon: null, isp: '' }

/**
 * Where addresses are. Answers come from the cache only; what is missing there is asked for in the background,
 * one address at a time, so that the next reader finds it. Without `lookup` nobody is asked.
 */
export class GeoIp {
  readonly #database: Database
  readonly #lookup: Lookup | undefined
  readonly #waiting = new Set<string>()
  readonly #stop = new AbortController()
  #asking: Promise<void> | undefined

  constructor(database: Database, lookup: Lookup | undefined) {
    this.#database = database
    this.#lookup = lookup
  }

  /** Addresses that are still to be asked for. */
  get waiting(): number {
    return this.#waiting.size
  }

  async locate(db: ReadHandle, addresses: readonly string[]): Promise<Map<string, string>> {
    const found = new Map<string, string>()
    if (addresses.length === 0) return found
    const rows = await db
      .selectFrom('ip_geo_cache')
      .select(['ip_address', 'country', 'region', 'city'])
      .where('ip_address', 'in', addresses)
      .where('updated_at', '>', toTimestamp(Date.now() - KEPT_MS))
      .execute()
    for (const row of rows)
      found.set(row.ip_address, [row.city, row.region, row.country].filter(Boolean).join(', ') || 'Unknown')
    for (const address of addresses) {
      if (isPrivate(address)) found.set(address, 'Private Network')
      else if (!found.has(address)) this.#ask(address)
    }
    return found
  }

  async prune(batch: number): Promise<void> {
    await this.#database.write(async db => {
      const beyond = await db
        .selectFrom('ip_geo_cache')
        .select('updated_at')
        .orderBy('updated_at', 'desc')
        .offset(KEPT)
        .limit(1)
        .executeTakeFirst()
      const oldest = toTimestamp(Date.now() - KEPT_MS)
      const before = beyond && beyond.updated_at > oldest ? beyond.updated_at : oldest
      await db
        .deleteFrom('ip_geo_cache')
        .where('ip_address', 'in', inner =>
          inner
            .selectFrom('ip_geo_cache')
            .select('ip_address')
            .where('updated_at', '<=', before)
            .limit(batch),
        )
        .execute()
    })
  }

  async close(): Promise<void> {
    this.#stop.abort()
    await this.#asking
  }

  #ask(address: string): void {
    if (!this.#lookup || this.#stop.signal.aborted || this.#waiting.size >= WAITING) return
    this.#waiting.add(address)
    this.#asking ??= this.#askWaiting(this.#lookup).finally(() => {
      this.#asking = undefined
    })
  }

  async #askWaiting(lookup: Lookup): Promise<void> {
    for (const address of this.#waiting) {
      const signal = AbortSignal.any([this.#stop.signal, AbortSignal.timeout(TIMEOUT_MS)])
      const place = await lookup(address, signal).catch(() => undefined)
      if (this.#stop.signal.aborted) return
      await this.#keep(address, place ?? UNKNOWN).catch(() => undefined)
      this.#waiting.delete(address)
    }
  }

  async #keep(address: string, place: Place): Promise<void> {
    await this.#database.write(db =>
      db
        .replaceInto('ip_geo_cache')
        .values({ ip_address: address, ...place, updated_at: toTimestamp(Date.now()) })
        .execute(),
    )
  }
}
