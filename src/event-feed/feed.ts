import { randomBytes } from 'node:crypto'
import { later } from '../ledger/timers.ts'
import { CameraLog } from './camera-log.ts'
import { type Change, differs, type FeedEntry } from './change.ts'
import type { Source } from './source.ts'

export interface FeedOptions {
  /** Tells of changes the moment they happen. */
  readonly source: Source
  /** Asks for them, while the other does not answer. */
  readonly fallback: Source
  /** Entries of each camera that are kept for those who come back. */
  readonly kept?: number
  /** How long the sources go on after the last listener has left, in milliseconds. */
  readonly lingerMs?: number
}

/** Whether somebody may know what happens at this camera. */
export type Sees = (camera: string) => boolean

export type FeedListener = (entry: FeedEntry) => void

export interface Resumed {
  /** What has happened since at the cameras that the listener sees; `undefined` if more has happened there than is kept. */
  readonly missed: readonly FeedEntry[] | undefined
  /** The newest entry of these cameras, to resume from if nothing else comes. */
  readonly newest: string
  leave(): void
}

const KEPT = 100
const MOST_CAMERAS = 128
const LINGER_MS = 600_000
/** How long the source may be away before the fallback takes its place, in milliseconds. */
const PATIENCE_MS = 3000

/** What happens at the cameras, from one source for all who listen. */
export class EventFeed {
  readonly #options: FeedOptions
  readonly #kept: number
  readonly #listeners = new Map<FeedListener, Sees>()
  /** By camera, the one that something happened at longest ago first. */
  readonly #logs = new Map<string, CameraLog>()
  /** The order of the newest entry of cameras that are kept no more. */
  #forgotten = 0
  /** Stands before the first entry. */
  readonly #beginning = newId()
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

  /** Tells `listener` of the cameras that it `sees`. `after` is the id of the entry that came last, if there was one. */
  listen(listener: FeedListener, sees: Sees, after?: string): Resumed {
    clearTimeout(this.#linger)
    if (!this.#running) this.#start()
    this.#listeners.set(listener, sees)
    const logs = [...this.#logs].flatMap(([camera, log]) => (sees(camera) ? [log] : []))
    return {
      missed: after === undefined ? [] : this.#since(after, logs),
      newest: inOrder(logs.flatMap(({ newest }) => newest ?? [])).at(-1)?.id ?? this.#beginning,
      leave: () => {
        if (!this.#listeners.delete(listener) || this.#listeners.size > 0) return
        this.#linger = later(this.#options.lingerMs ?? LINGER_MS, () => this.stop())
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
    this.#patience = later(PATIENCE_MS, () => this.#fall(true))
  }

  #fall(falling: boolean): void {
    if (falling === this.#falling) return
    this.#falling = falling
    if (falling) this.#options.fallback.start({ change: change => this.#take(change), connected: () => {} })
    else this.#options.fallback.stop()
  }

  /** Two sources may tell of the same: what nobody would see a difference of is not told on. */
  #take({ type, event }: Change): void {
    const log = this.#logOf(event.camera)
    const known = log.lastOf(event.id)
    if (known && (known.end_time !== null || !differs(known, event)) && type !== 'end') return
    if (known?.end_time !== undefined && known.end_time !== null && type === 'end') return
    const told = known && type === 'new' ? 'update' : type
    const entry = { type: told, event, id: newId(), order: ++this.#told }
    log.add(entry)
    for (const [listener, sees] of this.#listeners) if (sees(event.camera)) listener(entry)
  }

  #logOf(camera: string): CameraLog {
    const log = this.#logs.get(camera) ?? new CameraLog(this.#kept)
    this.#logs.delete(camera)
    this.#logs.set(camera, log)
    if (this.#logs.size > MOST_CAMERAS) {
      const [quietest] = this.#logs.keys()
      this.#forgotten = Math.max(this.#forgotten, this.#logs.get(quietest!)?.newest?.order ?? 0)
      this.#logs.delete(quietest!)
    }
    return log
  }

  /** Nothing here depends on other logs than these, as long as there is room for every camera. */
  #since(after: string, logs: readonly CameraLog[]): readonly FeedEntry[] | undefined {
    const order =
      after === this.#beginning
        ? 0
        : logs
            .values()
            .map(log => log.orderOf(after))
            .find(isNumber)
    if (order === undefined || this.#forgotten > order || logs.some(({ dropped }) => dropped > order))
      return undefined
    return inOrder(logs.flatMap(log => log.after(order)))
  }
}

function inOrder(entries: readonly FeedEntry[]): readonly FeedEntry[] {
  return entries.toSorted((one, other) => one.order - other.order)
}

function isNumber(value: number | undefined): value is number {
  return value !== undefined
}

function newId(): string {
  return randomBytes(9).toString('base64url')
}
