import type { CodedError } from '../errors.ts'
import { sameTracks } from '../fmp4/init-segment.ts'
import { type Every, every as uncounted } from '../ledger/timers.ts'
import { Histogram } from '../metrics/histogram.ts'
import { ByteBudget } from './budget.ts'
import type { LiveSource } from './camera-connection.ts'
import { DropLog, type Log } from './drop-log.ts'
import {
  NotPlayable,
  Overloaded,
  ShuttingDown,
  TooManyStreams,
  TooManyViewers,
  UpstreamEnded,
} from './errors.ts'
import { Holds } from './holds.ts'
import { Hub, mostBacklogged } from './hub.ts'
import { describeHub, type HubStatus } from './hub-status.ts'
import { canPlay, familyOf, type Playable, reachesFurther, type Variant } from './playable.ts'
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
  readonly maxViewers: number
  /** How long a stream is kept after its last viewer. */
  readonly lingerMs: number
  /** How long `hold` keeps a stream warm. */
  readonly holdMs: number
  /** A viewer that takes nothing for so long is let go. */
  readonly stalledMs: number
  readonly silentMs: number
  readonly retryMs: number
  /** True while there is no memory for one more viewer, apart from what the limits count. */
  readonly isFull?: () => boolean
  /** What runs its looks at all hubs. */
  readonly every?: Every
}

const MOST_BETWEEN_LOOKS_MS = 1000
const INIT_BYTES = 256 * 1024
const FIRST_FRAME_SECONDS = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10]
/** While memory is short a viewer may have this part of its usual bytes queued. */
const STRAINED_SHARE = 4

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
  readonly #hubs = new Map<string, Set<Hub>>()
  readonly #scratch = new Scratch()
  readonly #stopLooking: () => void
  #viewers = 0
  #closed = false
  #strained = false
  readonly #gone = { received: 0, dropped: 0, skips: 0 }

  constructor(source: LiveSource, options: LiveOptions, log: Log) {
    this.options = options
    this.#source = source
    this.#log = log
    this.#drops = new DropLog(log)
    this.#holds = new Holds(options.holdMs)
    this.budget = new ByteBudget(options.limits.processBytes, bytes => this.#relieve(bytes))
    const { lingerMs, every = uncounted } = options
    this.#stopLooking = every(Math.min(MOST_BETWEEN_LOOKS_MS, lingerMs + 1), () => this.#look())
  }

  get viewers(): number {
    return this.#viewers
  }

  /** Since the start: bytes received and left out, and how often a viewer was moved on. */
  get totals() {
    const totals = { ...this.#gone }
    for (const hub of this.hubs()) addTotals(totals, hub)
    return totals
  }

  *hubs(): Generator<Hub> {
    for (const hubs of this.#hubs.values()) yield* hubs
  }

  /**
   * Finds or opens the hub whose tracks the viewer can play. Throws a `LIVE_…` error if there is none, or what the
   * upstream said. The caller subscribes in the same tick: an idle hub does not wait for ever.
   */
  async find(stream: string, playable: Playable): Promise<Hub> {
    const tried = new Set<Variant>()
    for (;;) {
      this.admit()
      const hubs = this.#hubs.get(stream) ?? new Set<Hub>()
      const connecting = [...hubs].filter(hub => hub.state === 'connecting')
      if (connecting.length > 0) await Promise.allSettled(connecting.map(hub => hub.ready()))
      const known = [...hubs].filter(hub => hub.init && hub.state !== 'closed')
      const pictures = known.some(hasVideo)
      const fit = known.find(
        hub =>
          canPlay(playable, hub.init!) && (hasVideo(hub) || !pictures) && !this.#wantsMore(playable, hub),
      )
      if (fit) return fit
      const variant = nextVariant(playable, known, tried)
      if (!variant)
        throw new NotPlayable(known.flatMap(hub => hub.tracks.map(track => track.codec)).join(', '))
      tried.add(variant)
      await this.#ask(stream, variant)
    }
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
    const mark = () => this.#viewerBytes()
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
    if (this.#strained || this.options.isFull?.()) throw new Overloaded()
    if (this.#viewers >= this.options.maxViewers) throw new TooManyViewers(this.options.maxViewers)
  }

  /** While memory is short no new viewer is let in, and those that lag are skipped forward sooner. */
  strain(on: boolean): void {
    this.#strained = on
  }

  /** Disconnects the viewers that are furthest behind, at most so many; returns how many. */
  evict(most: number): number {
    let gone = 0
    for (; gone < most; gone++) {
      const worst = mostBacklogged(this.#subscribers())
      if (!worst) break
      worst.end('evicted')
    }
    return gone
  }

  /** Keeps a stream warm for a while, opening it if need be and if memory is not short; returns at once. */
  hold(stream: string): void {
    if (this.#closed) return
    if (!this.#hubs.has(stream)) {
      if (this.#strained) throw new Overloaded()
      this.#open(stream, 'aac')
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
      if (!this.#holds.has(hub.stream)) this.#remove(hub)
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
    for (const hub of [...this.hubs()]) this.#remove(hub)
  }

  /** True if asking go2rtc for what this viewer can play could give sound where the hub has none. */
  #wantsMore(playable: Playable, hub: Hub): boolean {
    if (hub.tracks.some(track => track.kind === 'audio')) return false
    const wanted = playable.variants[0]!
    return [...hub.asked].every(asked => reachesFurther(wanted, asked))
  }

  async #ask(stream: string, variant: Variant): Promise<void> {
    const existing = [...(this.#hubs.get(stream) ?? [])].find(hub => hub.asked.has(variant))
    const hub = existing ?? this.#open(stream, variant)
    try {
      await hub.ready()
    } catch (error) {
      if (!hub.inUse && !this.#holds.has(stream)) this.#remove(hub)
      throw error
    }
    const twin = [...this.#hubs.get(stream)!].find(
      other => other !== hub && other.init && hub.init && sameTracks(other.init, hub.init),
    )
    if (!twin) return
    for (const asked of hub.asked) twin.asked.add(asked)
    this.#remove(hub)
  }

  #open(stream: string, variant: Variant): Hub {
    let count = 0
    for (const _ of this.hubs()) count++
    if (count >= this.options.maxStreams) throw new TooManyStreams(this.options.maxStreams)
    const { limits, silentMs, retryMs } = this.options
    const options = { ...limits, initBytes: INIT_BYTES, silentMs, retryMs, scratch: this.#scratch }
    const hub = new Hub(stream, variant, this.#source, this.budget, options, {
      lost: (hub, error) => this.#lost(hub, error),
      dropped: (hub, packets, bytes) => this.#drops.add(hub.stream, packets, bytes),
      left: () => this.#viewers--,
    })
    const hubs = this.#hubs.get(stream)
    if (hubs) hubs.add(hub)
    else this.#hubs.set(stream, new Set([hub]))
    return hub
  }

  #lost(hub: Hub, error: CodedError): void {
    this.#log.warn(
      { stream: hub.stream, code: error.code, viewers: hub.viewers },
      `camera lost: ${error.message}`,
    )
  }

  #remove(hub: Hub): void {
    const hubs = this.#hubs.get(hub.stream)
    hubs?.delete(hub)
    if (hubs?.size === 0) this.#hubs.delete(hub.stream)
    addTotals(this.#gone, hub)
    hub.close()
  }

  /** Ends what has been idle or stalled for too long. */
  #look(): void {
    const now = performance.now()
    const { lingerMs, silentMs } = this.options
    for (const subscriber of [...this.#subscribers()]) subscriber.checkProgress(now)
    this.#holds.expire(now)
    for (const hub of [...this.hubs()]) {
      if (hub.inUse || this.#holds.has(hub.stream)) continue
      // Whoever has asked for it becomes its viewer only when the camera has answered.
      const patienceMs = hub.state === 'connecting' ? Math.max(lingerMs, silentMs) : lingerMs
      if (now - hub.lastAccess >= patienceMs) this.#remove(hub)
    }
  }

  /**
   * Frees bytes of the process: first what taps can spare, then the most backlogged viewer, then kept GOPs, idle
   * streams before others.
   */
  #relieve(bytes: number): void {
    const wanted = this.budget.free + bytes
    for (const hub of this.hubs()) hub.relieveTaps(() => this.budget.free >= wanted)
    while (this.budget.free < wanted) {
      const worst = mostBacklogged(this.#subscribers())
      if (!worst) break
      worst.end('evicted')
    }
    const kept = [...this.hubs()].filter(hub => hub.gopStart)
    kept.sort((a, b) => Number(a.inUse) - Number(b.inUse) || b.memory.used - a.memory.used)
    for (const hub of kept) {
      if (this.budget.free >= wanted) return
      hub.dropGop()
    }
  }

  #viewerBytes(): number {
    const { viewerBytes } = this.options.limits
    return this.#strained ? viewerBytes / STRAINED_SHARE : viewerBytes
  }

  *#subscribers(): Generator<Subscriber> {
    for (const hub of this.hubs()) yield* hub.subscribers
  }
}

function addTotals(totals: { received: number; dropped: number; skips: number }, hub: Hub): void {
  totals.received += hub.received
  totals.dropped += hub.drops.bytes
  totals.skips += hub.drops.skips
}

function hasVideo(hub: Hub): boolean {
  return hub.tracks.some(track => track.kind === 'video')
}

/** What to ask for next: nothing with H.265 in it for a viewer that cannot play the H.265 that was found. */
function nextVariant(
  playable: Playable,
  known: readonly Hub[],
  tried: ReadonlySet<Variant>,
): Variant | undefined {
  const unplayable = known.some(hub =>
    hub.tracks.some(track => track.kind === 'video' && !playable.families.has(familyOf(track.codec)!)),
  )
  return playable.variants.find(variant => !tried.has(variant) && (!unplayable || variant === 'h264'))
}
