import { Pool } from 'undici'
import { trust } from './trust.ts'

/** What is asked for, and with it how many may be asked for at once. */
export type Purpose = 'control' | 'queries' | 'pictures' | 'media'

export const QUERY_CONNECTIONS = 4
export const PICTURE_CONNECTIONS = 6
export const MEDIA_CONNECTIONS = 24
/**
 * `control`: configuration, version, statistics and login, each asked for once however many want to know. `queries`: lists and
 * playlists that users ask for. `media`: clips and segments, which last as long as their clients like.
 */
const CONNECTIONS: Readonly<Record<Purpose, number>> = {
  control: 4,
  queries: QUERY_CONNECTIONS,
  pictures: PICTURE_CONNECTIONS,
  media: MEDIA_CONNECTIONS,
}
const CONNECT_MS = 5000
export const HEADERS_MS = 10_000

/** Connections to Frigate by purpose, so that none of what users ask for can keep the configuration waiting, which authorises everything. */
export class FrigatePools {
  readonly #pools: Readonly<Record<Purpose, Pool>>

  /** `idleMs`: silence between two chunks of an answer that ends it. */
  constructor(origin: URL, ca: string | undefined, idleMs: number) {
    const pool = (connections: number) =>
      new Pool(origin, {
        connections,
        pipelining: 1,
        connect: { timeout: CONNECT_MS, ...trust(ca) },
        headersTimeout: HEADERS_MS,
        bodyTimeout: idleMs,
        keepAliveTimeout: 10_000,
      })
    this.#pools = {
      control: pool(CONNECTIONS.control),
      queries: pool(CONNECTIONS.queries),
      pictures: pool(CONNECTIONS.pictures),
      media: pool(CONNECTIONS.media),
    }
  }

  for(purpose: Purpose): Pool {
    return this.#pools[purpose]
  }

  /** Connections in use and requests in line. */
  get load(): { readonly running: number; readonly waiting: number } {
    let [running, waiting] = [0, 0]
    for (const { stats } of Object.values(this.#pools)) {
      running += stats.running
      waiting += stats.queued
    }
    return { running, waiting }
  }

  /** Ends every connection, whatever runs on it. */
  async close(): Promise<void> {
    await Promise.all(Object.values(this.#pools).map(pool => pool.destroy()))
  }
}
