import { later } from '../ledger/timers.ts'
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
  /** Bytes of all the pictures that are kept. */
  readonly bytes: number
}

const DEFAULTS: SnapshotLimits = { freshMs: 1000, entries: 128, bytes: 8 * 1024 * 1024 }

/** The latest picture of each camera: ten dashboards that ask within a second make one request. */
export class SnapshotCache {
  readonly #take: TakeSnapshot
  readonly #limits: SnapshotLimits
  readonly #kept = new Map<string, { readonly snapshot: Snapshot; readonly expiry: NodeJS.Timeout }>()
  readonly #taking = new Map<string, Promise<Snapshot>>()
  #bytes = 0

  constructor(take: TakeSnapshot, limits: Partial<SnapshotLimits> = {}) {
    this.#take = take
    this.#limits = { ...DEFAULTS, ...limits }
  }

  /** Pictures that are kept: none a moment after the last was asked for. */
  get size(): number {
    return this.#kept.size
  }

  /** Bytes of the pictures that are kept. */
  get bytes(): number {
    return this.#bytes
  }

  async get(camera: string, owner: Owner, size: SnapshotSize = {}): Promise<Snapshot> {
    const key = `${camera}|${size.height ?? ''}|${size.quality ?? ''}`
    const kept = this.#kept.get(key)
    if (kept) return kept.snapshot
    const running = this.#taking.get(key)
    if (running) return running
    const taking = this.#take(camera, size, owner).finally(() => this.#taking.delete(key))
    this.#taking.set(key, taking)
    const snapshot = await taking
    this.#keep(key, snapshot)
    return snapshot
  }

  /** Forgets the pictures that are kept; returns how many. */
  clear(): number {
    const keys = [...this.#kept.keys()]
    for (const key of keys) this.#drop(key)
    return keys.length
  }

  #keep(key: string, snapshot: Snapshot): void {
    this.#drop(key)
    const expiry = later(this.#limits.freshMs, () => this.#drop(key))
    this.#kept.set(key, { snapshot, expiry })
    this.#bytes += snapshot.jpeg.length
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= this.#limits.entries && this.#bytes <= this.#limits.bytes) break
      this.#drop(oldest)
    }
  }

  #drop(key: string): void {
    const kept = this.#kept.get(key)
    if (!kept) return
    clearTimeout(kept.expiry)
    this.#bytes -= kept.snapshot.jpeg.length
    this.#kept.delete(key)
  }
}
