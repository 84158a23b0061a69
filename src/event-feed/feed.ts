import { randomBytes } from 'node:crypto'
import { BoundedMap } from '../upstream/bounded-map.ts'
import { type Change, differs, type LiveEvent } from './change.ts'
import type { Source } from './source.ts'

export interface FeedEntry extends Change {
  /** Resumes the feed behind this entry; says nothing else. */
  readonly id: string
}

export interface FeedOptions {
  /** Tells of changes the moment they happen. */
  readonly source: Source
  /** Asks for them, while the other does not answer. */
  readonly fallback: Source
  /** Entries that are kept for those who come back. */
  readonly kept?: number
  /** How long the sources go on after the last listener has left, in milliseconds. */
  readonly lingerMs?: number
}

export type FeedListener = (entry: FeedEntry) => void

export interface Resumed {
  /** What has happened since; `undefined` if more has happened than is kept. */
  readonly missed: readonly FeedEntry[] | undefined
  /** The newest entry, to resume from if nothing else comes. */
  readonly newest: string
  leave(): void
}

const KEPT = 500
const LINGER_MS = 600_000
const KNOWN_EVENTS = 1000
/** How long the source may be away before the fallback takes its place, in milliseconds. */
const PATIENCE_MS = 3000

/** What happens at the cameras, from one source for all who listen. */
export class EventFeed {
  readonly #options: FeedOptions
  readonly #kept: number
  readonly #entries: FeedEntry[] = []
  readonly #listeners = new Set<FeedListener>()
  readonly #known = new BoundedMap<string, LiveEvent>(KNOWN_EVENTS)
  /** Ids of another run mean nothing to this one. */
  readonly #run = randomBytes(6).toString('base64url')
  #told = 0
  #running = false
  #falling = false
  #patience: NodeJS.Timeout | undefined
  #linger: NodeJS.Timeout | undefined

  constructor(options: FeedOptions) {
    this.#options = options
    this.#kept = options.kept ?? KEPT
  }

  get listeners(): number {
    return this.#listeners.size
  }

  /** `after` is the id of the entry that came last, if there was one. */
  listen(listener: FeedListener, after?: string): Resumed {
    clearTimeout(this.#linger)
    if (!this.#running) this.#start()
    this.#listeners.add(listener)
    return {
      missed: this.#since(after),
      newest: this.#id(this.#told),
      leave: () => {
        if (!this.#listeners.delete(listener) || this.#listeners.size > 0) return
        this.#linger = setTimeout(() => this.stop(), this.#options.lingerMs ?? LINGER_MS).unref()
      },
    }
  }

  /** Ends the sources; the next listener starts them again. */
  stop(): void {
    clearTimeout(this.#linger)
    clearTimeout(this.#patience)
    if (!this.#running) return
    this.#running = false
    this.#options.source.stop()
    this.#fall(false)
  }

  #start(): void {
    this.#running = true
    this.#waitForSource()
    this.#options.source.start({
      change: change => this.#take(change),
      connected: connected => {
        if (connected) {
          clearTimeout(this.#patience)
          this.#fall(false)
        } else this.#waitForSource()
      },
    })
  }

  #waitForSource(): void {
    clearTimeout(this.#patience)
    this.#patience = setTimeout(() => this.#fall(true), PATIENCE_MS).unref()
  }

  #fall(falling: boolean): void {
    if (falling === this.#falling) return
    this.#falling = falling
    if (falling) this.#options.fallback.start({ change: change => this.#take(change), connected: () => {} })
    else this.#options.fallback.stop()
  }

  /** Two sources may tell of the same: what nobody would see a difference of is not told on. */
  #take({ type, event }: Change): void {
    const known = this.#known.get(event.id)
    if (known && (known.end_time !== null || !differs(known, event)) && type !== 'end') return
    if (known?.end_time !== undefined && known.end_time !== null && type === 'end') return
    this.#known.set(event.id, event)
    const told = known && type === 'new' ? 'update' : type
    const entry = { type: told, event, id: this.#id(++this.#told) }
    this.#entries.push(entry)
    if (this.#entries.length > this.#kept) this.#entries.shift()
    for (const listener of this.#listeners) listener(entry)
  }

  #id(number: number): string {
    return `${this.#run}.${number}`
  }

  #since(after: string | undefined): readonly FeedEntry[] | undefined {
    if (after === undefined) return []
    const [run, number] = after.split('.')
    const missing = this.#told - Number(number)
    if (run !== this.#run || !(missing >= 0) || missing > this.#entries.length) return undefined
    return missing === 0 ? [] : this.#entries.slice(-missing)
  }
}
