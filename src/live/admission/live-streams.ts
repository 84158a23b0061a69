import type { CodedError } from '../../errors.ts'
import { type Every, every as uncounted } from '../../ledger/timers.ts'
import { Histogram } from '../../metrics/histogram.ts'
import { Beat, type BeatClock } from '../camera/beat.ts'
import type { LiveSource } from '../camera/camera-connection.ts'
import type { Playable, Variant } from '../camera/playable.ts'
import { Overloaded, ShuttingDown, UpstreamEnded } from '../errors.ts'
import { Hub } from '../hub.ts'
import { ByteBudget } from '../memory/budget.ts'
import { Pressure } from '../memory/pressure.ts'
import { Scratch } from '../timeline/shared-writes.ts'
import type { Sink } from '../viewers/sink.ts'
import type { Subscriber, SubscriberOptions } from '../viewers/subscriber.ts'
import { DropLog, type Log } from './drop-log.ts'
import { describeHub, type HubStatus } from './hub-status.ts'
import { Hubs, type HubsOptions, type Totals } from './hubs.ts'

export interface LiveLimits {
  readonly fragmentBytes: number
  readonly streamBytes: number
  readonly viewerBytes: number
  readonly processBytes: number
}

/** Limits in bytes, times in milliseconds. */
export interface LiveOptions extends HubsOptions {
  readonly limits: LiveLimits
  /** How long a stream is kept after its last viewer. */
  readonly lingerMs: number
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

/** Live video: all hubs, the budget that they share, and who is let in. */
export class LiveStreams {
  readonly budget: ByteBudget
  readonly options: LiveOptions
  /** Seconds from a viewer's subscription to its first picture. */
  readonly firstFrame = new Histogram(FIRST_FRAME_SECONDS)
  readonly #source: LiveSource
  readonly #log: Log
  readonly #drops: DropLog
  readonly #hubs: Hubs
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
    this.#hubs = new Hubs(options, (stream, variant) => this.#makeHub(stream, variant))
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

  /** See `Hubs.find`. The caller subscribes in the same tick: an idle hub does not wait for ever. */
  find(stream: string, playable: Playable): Promise<Hub> {
    return this.#hubs.find(stream, playable, () => this.admit())
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
      this.#hubs.open(stream, 'aac')
    }
    this.#hubs.hold(stream)
  }

  /** Gives back a hold; viewers keep what they watch. */
  release(stream: string): void {
    this.#hubs.release(stream)
  }

  /**
   * Lets go of what nobody watches: idle streams close, those that are held warm give up their kept GOP. Returns how
   * many did.
   */
  trim(): number {
    let released = 0
    for (const hub of [...this.hubs()]) {
      if (hub.inUse || hub.state === 'connecting') continue
      if (!this.#hubs.isHeld(hub.stream)) this.#hubs.remove(hub)
      else if (hub.media.gop.start) hub.dropGop(false)
      else continue
      released++
    }
    return released
  }

  describe(hub: Hub): HubStatus {
    return describeHub(hub, this.#hubs.isHeld(hub.stream))
  }

  close(): void {
    this.#closed = true
    this.#stopLooking()
    this.#drops.close()
    this.#hubs.close()
  }

  #makeHub(stream: string, variant: Variant): Hub {
    const { limits, silentMs, retryMs } = this.options
    const options = {
      ...limits,
      initBytes: INIT_BYTES,
      silentMs,
      retryMs,
      scratch: this.#scratch,
      beat: this.#beat,
    }
    return new Hub(stream, variant, this.#source, this.budget, options, {
      lost: (hub, error) => this.#lost(hub, error),
      dropped: (hub, packets, bytes) => this.#drops.add(hub.stream, packets, bytes),
      left: () => this.#viewers--,
    })
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
    for (const hub of this.hubs()) {
      for (const viewer of [...hub.audience]) viewer.checkProgress(now)
      hub.look(now)
    }
    this.#pressure.look(this.#viewers)
    this.#hubs.expireHolds(now)
    for (const hub of [...this.hubs()]) {
      if (hub.inUse || this.#hubs.isHeld(hub.stream)) continue
      // Whoever has asked for it becomes its viewer only when the camera has answered.
      const patienceMs = hub.state === 'connecting' ? Math.max(lingerMs, silentMs) : lingerMs
      if (now - hub.lastAccess >= patienceMs) this.#hubs.remove(hub)
    }
  }
}
