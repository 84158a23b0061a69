import { LRUCache } from 'lru-cache'
import { heapBytes } from '../memory/heap-bytes.ts'
import type { Owner } from '../shares/share.ts'

/** One picture of a camera, as JPEG. */
export interface Snapshot {
  readonly jpeg: Buffer
  /** The camera gives no new pictures: this is an old one or Frigate's error picture. */
  readonly stale: boolean
}

export interface SnapshotSize {
  /** In pixels; the camera's own where not given. */
  readonly height?: number | undefined
  /** JPEG quality, 1 to 100. */
  readonly quality?: number | undefined
}

/** `owner` is the user on whose account it is taken. */
export type TakeSnapshot = (camera: string, size: SnapshotSize, owner: Owner) => Promise<Snapshot>

export interface SnapshotLimits {
  /** A picture is shown to others for this long, in milliseconds. */
  readonly freshMs: number
  /** Pictures that are kept at once. */
  readonly entries: number
  /** Bytes of all the pictures that are kept, and of what they are found by. */
  readonly bytes: number
}

const DEFAULTS: SnapshotLimits = { freshMs: 1000, entries: 128, bytes: 8 * 1024 * 1024 }

/** The latest picture of each camera: ten dashboards that ask within a second make one request. */
export class SnapshotCache {
  readonly #take: TakeSnapshot
  readonly #kept: LRUCache<string, Snapshot>
  readonly #taking = new Map<string, Promise<Snapshot>>()

  constructor(take: TakeSnapshot, limits: Partial<SnapshotLimits> = {}) {
    this.#take = take
    const { freshMs, entries, bytes } = { ...DEFAULTS, ...limits }
    this.#kept = new LRUCache({
      max: entries,
      maxSize: bytes,
      sizeCalculation: ({ jpeg }, key) => jpeg.length + heapBytes(key),
      ttl: freshMs,
      ttlAutopurge: true,
    })
  }

  /** Pictures that are kept: none a moment after the last was asked for. */
  get size(): number {
    return this.#kept.size
  }

  /** Bytes of the pictures that are kept, and of what they are found by. */
  get bytes(): number {
    return this.#kept.calculatedSize
  }

  async get(camera: string, owner: Owner, size: SnapshotSize = {}): Promise<Snapshot> {
    const key = `${camera}|${size.height ?? ''}|${size.quality ?? ''}`
    const kept = this.#kept.get(key)
    if (kept) return kept
    const running = this.#taking.get(key)
    if (running) return running
    const taking = this.#take(camera, size, owner).finally(() => this.#taking.delete(key))
    this.#taking.set(key, taking)
    const snapshot = await taking
    this.#kept.set(key, snapshot)
    return snapshot
  }

  /** Forgets the pictures that are kept; returns how many. */
  clear(): number {
    const { size } = this.#kept
    this.#kept.clear()
    return size
  }
}
