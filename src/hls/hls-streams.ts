import type { CodedError } from '../errors.ts'
import type { Every } from '../ledger/timers.ts'
import type { Log } from '../live/admission/drop-log.ts'
import type { LiveStreams } from '../live/admission/live-streams.ts'
import { PLAIN_VIDEO } from '../live/camera/playable.ts'
import { HlsGone, HlsMistimed, HlsNotReady, HlsWindowTooLarge } from './errors.ts'
import { HlsStream } from './hls-stream.ts'
import { firstPosition, type Position, type Positions } from './window/position.ts'

/** Times in milliseconds. */
export interface HlsOptions {
  /** Segments that a playlist lists. */
  readonly segments: number
  /** How long a window is kept that nobody asks for. */
  readonly idleMs: number
  /** How long a first playlist may take. */
  readonly readyMs: number
}

const SWEEP_MS = 1000
/** No player that still plays waits so long with its next request. */
const UNUSED_MS = 10_000
/** How long a stream that cannot be had so is not tried again. */
const REFUSED_MS = 60_000

/** The HLS windows, one for each stream that somebody watches. */
export class HlsStreams {
  readonly #live: LiveStreams
  readonly #options: HlsOptions
  readonly #positions: Positions
  readonly #log: Log
  readonly #streams = new Map<string, HlsStream>()
  readonly #starting = new Map<string, Promise<HlsStream>>()
  readonly #refused = new Map<string, { readonly error: CodedError; readonly until: number }>()
  readonly #stopSweeping: () => void
  #closed = false

  constructor(live: LiveStreams, options: HlsOptions, positions: Positions, log: Log, every: Every) {
    this.#live = live
    this.#options = options
    this.#positions = positions
    this.#log = log
    this.#stopSweeping = every(SWEEP_MS, () => this.#tidy())
  }

  get size(): number {
    return this.#streams.size
  }

  /** The HLS of a stream that go2rtc lists, once it has a playlist. Throws `HLS_…` or what the upstream said. */
  async open(stream: string): Promise<HlsStream> {
    const deadline = performance.now() + this.#options.readyMs
    const found = this.#streams.get(stream) ?? (await inTime(this.#started(stream), this.#options.readyMs))
    await found.ready(Math.max(0, deadline - performance.now()))
    return found
  }

  /** The window of a stream by the id that its URIs carry. Throws `HLS_GONE` if it is no more, or another's. */
  windowOf(stream: string, id: string): HlsStream {
    const found = this.#streams.get(stream)
    if (found?.id !== id) throw new HlsGone()
    return found
  }

  byId(id: string): HlsStream | undefined {
    return [...this.#streams.values()].find(stream => stream.id === id)
  }

  /** Closes the windows that nobody has asked for lately; returns how many. */
  trim(): number {
    const before = this.#streams.size
    const now = performance.now()
    for (const stream of [...this.#streams.values()]) if (now - stream.lastAccess >= UNUSED_MS) stream.close()
    return before - this.#streams.size
  }

  /** Resolves when it is written where each stream has got to. */
  async close(): Promise<void> {
    this.#closed = true
    this.#stopSweeping()
    for (const stream of [...this.#streams.values()]) stream.close()
    await this.#positions.settled()
  }

  #started(stream: string): Promise<HlsStream> {
    let starting = this.#starting.get(stream)
    if (!starting) {
      starting = this.#start(stream).finally(() => this.#starting.delete(stream))
      this.#starting.set(stream, starting)
    }
    return starting
  }

  async #start(stream: string): Promise<HlsStream> {
    const refused = this.#refused.get(stream)
    if (refused && refused.until > performance.now()) throw refused.error
    const position = (await this.#positions.find(stream)) ?? firstPosition()
    const hub = await this.#live.find(stream, PLAIN_VIDEO)
    if (this.#closed) throw new HlsNotReady()
    const options = {
      segments: this.#options.segments,
      position,
      keep: (next: Position) => this.#positions.keep(stream, next),
    }
    const started = new HlsStream(hub, options, (closed, error) => this.#ended(closed, error))
    if (!started.closed) this.#streams.set(stream, started)
    return started
  }

  #ended(stream: HlsStream, error: CodedError): void {
    const { stream: name } = stream.hub
    if (this.#streams.get(name) === stream) this.#streams.delete(name)
    if (!(error instanceof HlsWindowTooLarge || error instanceof HlsMistimed)) return
    this.#refused.set(name, { error, until: performance.now() + REFUSED_MS })
    this.#log.warn({ stream: name, code: error.code }, error.message)
  }

  #tidy(): void {
    const now = performance.now()
    for (const [name, { until }] of this.#refused) if (until <= now) this.#refused.delete(name)
    for (const stream of [...this.#streams.values()])
      if (now - stream.lastAccess >= this.#options.idleMs) stream.close()
      else stream.expire(now)
  }
}

async function inTime<T>(promise: Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new HlsNotReady()), ms)
  })
  promise.catch(() => {})
  return Promise.race([promise, late]).finally(() => clearTimeout(timer))
}
