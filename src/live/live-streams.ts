import type { CodedError } from '../errors.ts'
import { type Every, every as uncounted } from '../ledger/timers.ts'
import { Histogram } from '../metrics/histogram.ts'
import { Beat, type BeatClock } from './beat.ts'
import { ByteBudget } from './budget.ts'
import type { LiveSource } from './camera-connection.ts'
import { DropLog, type Log } from './drop-log.ts'
import { Overloaded, ShuttingDown, TooManyStreams, UpstreamEnded } from './errors.ts'
import { Holds } from './holds.ts'
import { Hub } from './hub.ts'
import { findHub } from './hub-finder.ts'
import { describeHub, type HubStatus } from './hub-status.ts'
import { Hubs, type Totals } from './hubs.ts'
import type { Playable, Variant } from './playable.ts'
import { Pressure } from './pressure.ts'
import { Scratch } from './scratch.ts'
import type { Sink } from './sink.ts'
import type { Subscriber, SubscriberOptions } from './subscriber.ts'

export interface LiveLimits {
  readonly fragmentBytes: number
  readonly streamBytes: number
  readonly viewerBytes: number
  readonly processBytes: number
}

/** Limits in bytes, times in milliseconds. */
export interface LiveOptions {
  readonly limits: LiveLimits
  readonly maxStreams: number
  /** How long a stream is kept after its last viewer. */
  readonly lingerMs: number
  /** How long `hold` keeps a stream warm. */
  readonly holdMs: number
  /** A viewer that takes nothing for so long is let go. */
  readonly stalledMs: number
  readonly silentMs: number
  readonly retryMs: number
  /** From one reading of all cameras to the next. */
  readonly beatMs: number
  readonly beatClock?: BeatClock
  /** How much of what V8 may take is taken, of 1: it ends the process at its limit. */
  readonly heapFilled?: () => number
  /** What runs its looks at all hubs. */
  readonly every?: Every
}

const MOST_BETWEEN_LOOKS_MS = 1000
const INIT_BYTES = 256 * 1024
const FIRST_FRAME_SECONDS = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10]

/** All hubs, at most one for each set of tracks of a stream, and the budget that they share. */
export class LiveStreams {
  readonly budget: ByteBudget
  readonly options: LiveOptions
  /** Seconds from a viewer's subscription to its first picture. */
  readonly firstFrame = new Histogram(FIRST_FRAME_SECONDS)
  readonly #source: LiveSource
  readonly #log: Log
  readonly #drops: DropLog
  readonly #holds: Holds
  readonly #hubs = new Hubs()
  readonly #scratch = new Scratch()
  readonly #beat: Beat
  readonly #pressure: Pressure
  readonly #stopLooking: () => void
  #viewers = 0
  #closed = false

  constructor(source: LiveSource, options: LiveOptions, log: Log) {
    this.options = options
    this.#source = source
    this.#log = log
    this.#drops = new DropLog(log)
    this.#beat = new Beat(options.beatMs, options.beatClock)
    this.#holds = new Holds(options.holdMs)
    this.#pressure = new Pressure(this.#hubs, options.heapFilled)
    this.budget = new ByteBudget(options.limits.processBytes, bytes =>
      this.#pressure.relieve(this.budget, bytes),
    )
    const { lingerMs, every = uncounted } = options
    this.#stopLooking = every(Math.min(MOST_BETWEEN_LOOKS_MS, lingerMs + 1), () => this.#look())
  }

  get viewers(): number {
    return this.#viewers
  }

  /** Since the start: bytes received and left out, and how often a viewer was moved on. */
  get totals(): Totals {
    return this.#hubs.totals
  }

  hubs(): Iterable<Hub> {
    return this.#hubs.all()
  }

  /** See `findHub`. The caller subscribes in the same tick: an idle hub does not wait for ever. */
  find(stream: string, playable: Playable): Promise<Hub> {
    return findHub(this, stream, playable)
  }

  /** Adds a viewer to a hub; it is sent what is there before this returns. */
  subscribe(
    hub: Hub,
    sink: Sink,
    options: Omit<SubscriberOptions, 'highWaterMark' | 'stalledMs' | 'started'>,
  ): Subscriber {
    this.admit()
    if (hub.state === 'closed') throw new UpstreamEnded()
    this.#viewers++
    const mark = () => this.#pressure.queueBytes(this.options.limits.viewerBytes)
    const since = performance.now()
    return hub.subscribe(sink, {
      ...options,
      stalledMs: this.options.stalledMs,
      started: () => this.firstFrame.observe((performance.now() - since) / 1000),
      get highWaterMark() {
        return mark()
      },
    })
  }

  /** Throws what keeps one more viewer out, if anything does. */
  admit(): void {
    if (this.#closed) throw new ShuttingDown()
    this.#pressure.admit()
  }

  /** While memory is short no new viewer is let in, and those that lag are skipped forward sooner. */
  strain(on: boolean): void {
    this.#pressure.strain(on)
  }

  /** Disconnects the viewers that are furthest behind, at most so many; returns how many. */
  evict(most: number): number {
    return this.#pressure.evict(most)
  }

  /** Keeps a stream warm for a while, opening it if need be and if memory is not short; returns at once. */
  hold(stream: string): void {
    if (this.#closed) return
    if (this.#hubs.of(stream).length === 0) {
      if (this.#pressure.strained) throw new Overloaded()
      this.open(stream, 'aac')
    }
    this.#holds.add(stream)
  }

  /** Gives back a hold; viewers keep what they watch. */
  release(stream: string): void {
    this.#holds.delete(stream)
  }

  /**
   * Lets go of what nobody watches: idle streams close, those that are held warm give up their kept GOP. Returns how
   * many did.
   */
  trim(): number {
    let released = 0
    for (const hub of [...this.hubs()]) {
      if (hub.inUse || hub.state === 'connecting') continue
      if (!this.#holds.has(hub.stream)) this.remove(hub)
      else if (hub.gopStart) hub.dropGop()
      else continue
      released++
    }
    return released
  }

  describe(hub: Hub): HubStatus {
    return describeHub(hub, this.#holds.has(hub.stream))
  }

  close(): void {
    this.#closed = true
    this.#stopLooking()
    this.#drops.close()
    for (const hub of [...this.hubs()]) this.remove(hub)
  }

  hubsOf(stream: string): readonly Hub[] {
    return this.#hubs.of(stream)
  }

  isHeld(stream: string): boolean {
    return this.#holds.has(stream)
  }

  /** Opens a hub. Throws a `LIVE_…` error if there are as many as there may be, or if all are closed for good. */
  open(stream: string, variant: Variant): Hub {
    if (this.#closed) throw new ShuttingDown()
    if (this.#hubs.count >= this.options.maxStreams) throw new TooManyStreams(this.options.maxStreams)
    const { limits, silentMs, retryMs } = this.options
    const options = {
      ...limits,
      initBytes: INIT_BYTES,
      silentMs,
      retryMs,
      scratch: this.#scratch,
      beat: this.#beat,
    }
    const hub = new Hub(stream, variant, this.#source, this.budget, options, {
      lost: (hub, error) => this.#lost(hub, error),
      dropped: (hub, packets, bytes) => this.#drops.add(hub.stream, packets, bytes),
      left: () => this.#viewers--,
    })
    this.#hubs.add(hub)
    return hub
  }

  remove(hub: Hub): void {
    this.#hubs.delete(hub)
    hub.close()
  }

  #lost(hub: Hub, error: CodedError): void {
    this.#log.warn(
      { stream: hub.stream, code: error.code, viewers: hub.viewers },
      `camera lost: ${error.message}`,
    )
  }

  /** Ends what has been idle or stalled for too long. */
  #look(): void {
    const now = performance.now()
    const { lingerMs, silentMs } = this.options
    for (const subscriber of [...this.#hubs.subscribers()]) subscriber.checkProgress(now)
    this.#pressure.look(this.#viewers)
    this.#holds.expire(now)
    for (const hub of [...this.hubs()]) {
      if (hub.inUse || this.#holds.has(hub.stream)) continue
      // Whoever has asked for it becomes its viewer only when the camera has answered.
      const patienceMs = hub.state === 'connecting' ? Math.max(lingerMs, silentMs) : lingerMs
      if (now - hub.lastAccess >= patienceMs) this.remove(hub)
    }
  }
}
