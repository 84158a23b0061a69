import type { CodedError } from '../errors.ts'
import type { Fragment } from '../fmp4/fragment.ts'
import { type InitSegment, mimeType, sameTracks, type Track } from '../fmp4/init-segment.ts'
import { ByteBudget } from './budget.ts'
import { CameraConnection, type ConnectionOptions, type LiveSource } from './camera-connection.ts'
import { Continuity, primaryTrack } from './continuity.ts'
import { Departure } from './departure.ts'
import { ShuttingDown } from './errors.ts'
import type { Framing } from './framing.ts'
import { Gop } from './gop.ts'
import { Joiner } from './joiner.ts'
import { Packet } from './packet.ts'
import type { Variant } from './playable.ts'
import { Ring } from './ring.ts'
import type { Scratch } from './scratch.ts'
import type { EndCause, Sink } from './sink.ts'
import { type Publisher, Subscriber, type SubscriberOptions } from './subscriber.ts'
import type { Tap } from './tap.ts'
import { Timeline } from './timeline.ts'

export interface HubOptions extends ConnectionOptions {
  /** What the stream may hold, in bytes. */
  readonly streamBytes: number
  /** Shared by the hubs of a process. */
  readonly scratch: Scratch
}

export interface HubEvents {
  lost(hub: Hub, error: CodedError): void
  dropped(hub: Hub, packets: number, bytes: number): void
  /** A viewer has gone; `hub.viewers` says how many are left. */
  left(hub: Hub): void
}

/**
 * One stream's publisher: one upstream connection, the init segment, the current GOP and any number of viewers.
 * Every byte it holds is taken from `memory`, its own limit inside the process budget.
 */
export class Hub implements Publisher {
  readonly stream: string
  readonly variant: Variant
  /** What go2rtc was asked for, and what would have given the same tracks. */
  readonly asked: Set<Variant>
  readonly memory: ByteBudget
  readonly ring = new Ring()
  readonly gop = new Gop()
  readonly since = performance.now()
  readonly drops = { packets: 0, bytes: 0, skips: 0 }
  lastAccess = performance.now()
  received = 0
  readonly #events: HubEvents
  readonly #connection: CameraConnection
  readonly #subscribers = new Set<Subscriber>()
  readonly #taps = new Set<Tap>()
  /** Timelines with wrapped packets that are to be forgotten after the flush. */
  readonly #timelines = new Set<Timeline>()
  readonly #shared = new Map<Framing, Timeline>()
  readonly #joiners = new Map<Framing, Joiner>()
  readonly #scratch: Scratch
  #init: InitSegment | undefined
  #continuity: Continuity | undefined
  #state: 'connecting' | 'live' | 'reconnecting' | 'closed' = 'connecting'
  #ready = Promise.withResolvers<void>()
  #sequence = 0
  #position = 0
  readonly #departure = new Departure(() => this.#flush())

  constructor(
    stream: string,
    variant: Variant,
    source: LiveSource,
    budget: ByteBudget,
    options: HubOptions,
    events: HubEvents,
  ) {
    this.stream = stream
    this.variant = variant
    this.asked = new Set([variant])
    this.#events = events
    this.#scratch = options.scratch
    this.memory = new ByteBudget(options.streamBytes, bytes => this.#relieve(bytes), budget)
    this.#ready.promise.catch(() => {})
    this.#connection = new CameraConnection(
      receiver => source.open(stream, variant, receiver),
      this.memory,
      options,
      {
        init: init => this.#takeInit(init),
        fragment: fragment => this.#append(fragment),
        chunkDone: () => this.#departure.pause(this.#subscribers.size),
        lost: error => this.#lost(error),
      },
    )
    this.#connection.connect()
  }

  get state() {
    return this.#state
  }

  get init(): InitSegment | undefined {
    return this.#init
  }

  get initBytes(): Uint8Array {
    return this.#init!.bytes
  }

  get tracks(): readonly Track[] {
    return this.#init!.tracks
  }

  get primary(): Track {
    return primaryTrack(this.#init!)
  }

  /** The MIME type with codecs, once the init segment is there. */
  get mimeType(): string {
    return mimeType(this.#init!)
  }

  /** The hub time at which a track goes on, in units of its timescale. Only after `ready`. */
  endOf(track: Track): number {
    return this.#continuity!.endOf(track)
  }

  get gopStart(): Packet | undefined {
    return this.gop.start
  }

  get viewers(): number {
    return this.#subscribers.size
  }

  /** Somebody goes along with it, whether as a viewer or for many. */
  get inUse(): boolean {
    return this.#subscribers.size > 0 || this.#taps.size > 0
  }

  get subscribers(): Iterable<Subscriber> {
    return this.#subscribers
  }

  get connects(): number {
    return this.#connection.connects
  }

  /** Resolves when the tracks are known; rejects with the error of a failed attempt to connect. */
  ready(): Promise<void> {
    if (this.#init) return Promise.resolve()
    this.#connection.connect()
    return this.#ready.promise
  }

  /** Only after `ready`. The viewer is sent what is there before this returns. */
  subscribe(sink: Sink, options: SubscriberOptions): Subscriber {
    const subscriber = new Subscriber(this, sink, options)
    this.#subscribers.add(subscriber)
    this.lastAccess = performance.now()
    this.#pump(subscriber)
    return subscriber
  }

  /** Only after `ready`; returns how to end it. What is in the ring already is the tap's to fetch. */
  attach(tap: Tap): () => void {
    this.#taps.add(tap)
    return () => {
      this.#taps.delete(tap)
    }
  }

  /** Has the taps free what they can spare, until `enough`. */
  relieveTaps(enough: () => boolean): void {
    for (const tap of this.#taps) if (!enough()) tap.relieve(enough)
  }

  /** Gives up the kept GOP; newcomers wait for the next keyframe. */
  dropGop(): void {
    this.gop.giveUp()
    this.#closeShared()
    this.#trim()
  }

  close(): void {
    if (this.#state === 'closed') return
    this.#state = 'closed'
    this.#departure.close()
    this.#connection.close()
    this.#endAll('closed')
    for (const tap of [...this.#taps]) tap.hubClosed()
    this.#ready.reject(new ShuttingDown())
    this.#forget()
    if (this.#init) this.memory.give(this.#init.bytes.length)
    this.#init = undefined
  }

  sharedTimeline(framing: Framing): Timeline {
    let timeline = this.#shared.get(framing)
    if (!timeline) {
      timeline = this.privateTimeline(this.gop.start!.decodeTime, framing)
      timeline.open = true
      this.#shared.set(framing, timeline)
    }
    return timeline
  }

  privateTimeline(shift: number, framing: Framing): Timeline {
    return new Timeline(shift, this.#init!, framing, this.memory, timeline => this.#timelines.add(timeline))
  }

  joiner(framing: Framing): Joiner {
    let joiner = this.#joiners.get(framing)
    if (!joiner) {
      joiner = new Joiner(this.ring, framing, this.tracks.length, this.memory, this.#scratch)
      this.#joiners.set(framing, joiner)
    }
    return joiner
  }

  drained(subscriber: Subscriber): void {
    if (subscriber.cursor < this.#sequence) this.#pump(subscriber)
  }

  skipped(): void {
    this.drops.skips++
  }

  dropped(packets: number, bytes: number): void {
    if (packets === 0) return
    this.drops.packets += packets
    this.drops.bytes += bytes
    this.#events.dropped(this, packets, bytes)
  }

  left(subscriber: Subscriber): void {
    this.#subscribers.delete(subscriber)
    this.lastAccess = performance.now()
    this.#trim()
    this.#events.left(this)
  }

  #takeInit(init: InitSegment): void {
    const before = this.#init
    const changed = before !== undefined && !sameTracks(before, init)
    if (changed) {
      this.#endAll('changed')
      this.#forget()
      this.#continuity = undefined
    }
    if (before) this.memory.give(before.bytes.length)
    this.#init = init
    this.#continuity ??= new Continuity(init)
    this.#continuity.restart()
    this.#state = 'live'
    this.#ready.resolve()
    if (changed) for (const tap of [...this.#taps]) tap.tracksChanged()
  }

  #append(fragment: Fragment): void {
    const bytes = fragment.moof.length + fragment.mdat.length
    const decodeTime = this.#continuity!.place(fragment)
    if (decodeTime === undefined) {
      this.memory.give(bytes)
      return
    }
    const { track, sync } = fragment
    const startsGop =
      sync &&
      track.index === this.primary.index &&
      this.gop.begins(track.kind === 'video', decodeTime, track.timescale)
    const place = { sequence: this.#sequence++, decodeTime, position: this.#position, startsGop }
    const packet = new Packet(fragment, place, this.memory)
    this.#position += packet.bytes
    this.received += packet.bytes
    this.ring.append(packet)
    if (startsGop) {
      this.#closeShared()
      this.gop.begin(packet)
    } else this.gop.extend()
    for (const tap of this.#taps) tap.packet(packet)
    if (track.index === this.primary.index)
      this.#departure.picture((fragment.duration / track.timescale) * 1000)
    else this.#departure.sound()
  }

  #flush(): void {
    for (const subscriber of this.#subscribers) {
      subscriber.pump()
      if (subscriber.cursor < this.#sequence) subscriber.limit()
    }
    this.#settle()
    this.#trim()
    for (const tap of this.#taps) tap.flush()
  }

  #pump(subscriber: Subscriber): void {
    subscriber.pump()
    this.#settle()
  }

  #settle(): void {
    for (const joiner of this.#joiners.values()) joiner.settle()
    for (const timeline of this.#timelines) {
      timeline.settle()
      if (!timeline.open) this.#timelines.delete(timeline)
    }
  }

  /** Lets go of what neither the kept GOP nor a viewer's cursor needs. */
  #trim(): void {
    let keep = this.gop.start?.sequence ?? this.#sequence
    for (const { cursor } of this.#subscribers) if (cursor < keep) keep = cursor
    this.ring.trim(keep)
  }

  /**
   * Frees bytes of this stream: first what only laggards need, then what taps can spare, the kept GOP, the taps
   * altogether, and what stalled writes hold.
   */
  #relieve(bytes: number): void {
    const wanted = this.memory.free + bytes
    const enough = () => this.memory.free >= wanted
    const start = this.gop.start?.sequence ?? this.#sequence
    for (const subscriber of this.#subscribers) if (subscriber.cursor < start) subscriber.skip()
    this.#trim()
    this.relieveTaps(enough)
    if (!enough() && this.gop.start) this.dropGop()
    if (!enough()) {
      for (const subscriber of this.#subscribers) subscriber.skip()
      this.#trim()
    }
    for (const tap of [...this.#taps]) if (!enough()) tap.giveUp(wanted - this.memory.free)
    while (!enough()) {
      const worst = mostBacklogged(this.#subscribers)
      if (!worst) return
      worst.end('evicted')
    }
  }

  #closeShared(): void {
    for (const timeline of this.#shared.values()) timeline.open = false
    this.#shared.clear()
  }

  #lost(error: CodedError): void {
    if (this.#state === 'live') this.#state = 'reconnecting'
    if (!this.#init) {
      this.#ready.reject(error)
      this.#ready = Promise.withResolvers<void>()
      this.#ready.promise.catch(() => {})
    }
    for (const tap of [...this.#taps]) tap.lost(error)
    this.#events.lost(this, error)
  }

  #endAll(cause: EndCause): void {
    for (const subscriber of [...this.#subscribers]) subscriber.end(cause)
  }

  /** Lets go of everything but the init segment. */
  #forget(): void {
    this.#closeShared()
    this.gop.clear()
    this.#settle()
    this.#joiners.clear()
    this.ring.clear()
  }
}

/** The viewer who is furthest behind and whose unfinished write holds bytes; undefined if all keep up. */
export function mostBacklogged(subscribers: Iterable<Subscriber>): Subscriber | undefined {
  let worst: Subscriber | undefined
  for (const subscriber of subscribers)
    if (subscriber.late && (!worst || subscriber.queued > worst.queued)) worst = subscriber
  return worst
}
