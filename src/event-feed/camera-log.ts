import type { FeedEntry, LiveEvent } from './change.ts'

/** The largest that the entries of one camera may be together, as JSON, in bytes. */
const MOST_BYTES = 32 * 1024

/** The newest entries of one camera, within limits of its own: what happens at a camera displaces nothing of another's. */
export class CameraLog {
  readonly #most: number
  readonly #kept: { readonly entry: FeedEntry; readonly bytes: number }[] = []
  #bytes = 0
  #dropped: FeedEntry | undefined

  /** Keeps at most `most` entries. */
  constructor(most: number) {
    this.#most = most
  }

  get newest(): FeedEntry | undefined {
    return this.#kept.at(-1)?.entry
  }

  /** The order of the newest entry that is kept no more; 0 if all are kept. */
  get dropped(): number {
    return this.#dropped?.order ?? 0
  }

  add(entry: FeedEntry): void {
    const bytes = Buffer.byteLength(JSON.stringify(entry.event))
    this.#kept.push({ entry, bytes })
    this.#bytes += bytes
    while (this.#kept.length > this.#most || this.#bytes > MOST_BYTES) {
      const oldest = this.#kept.shift()!
      this.#bytes -= oldest.bytes
      this.#dropped = oldest.entry
    }
  }

  /** What was last told of an event, if that is kept. */
  lastOf(eventId: string): LiveEvent | undefined {
    return this.#kept.findLast(({ entry }) => entry.event.id === eventId)?.entry.event
  }

  /** The order of the entry with this id, if it is kept or was the last to be dropped. */
  orderOf(id: string): number | undefined {
    if (this.#dropped?.id === id) return this.#dropped.order
    return this.#kept.find(({ entry }) => entry.id === id)?.entry.order
  }

  /** Oldest first. */
  after(order: number): FeedEntry[] {
    return this.#kept.flatMap(({ entry }) => (entry.order > order ? [entry] : []))
  }
}
