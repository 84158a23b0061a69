import type { CodedError } from '../errors.ts'
import type { Fragment } from '../fmp4/fragment.ts'
import { type InitSegment, mimeType, type Track } from '../fmp4/init-segment.ts'
import { Audience } from './audience.ts'
import type { Beat, BeatMember } from './beat.ts'
import { ByteBudget } from './budget.ts'
import { CameraConnection, type ConnectionOptions, type LiveSource } from './camera-connection.ts'
import { ShuttingDown } from './errors.ts'
import type { Gop } from './gop.ts'
import type { Packet } from './packet.ts'
import type { Variant } from './playable.ts'
import type { Publisher } from './publisher.ts'
import { type Relievable, relieve, relieveTaps } from './relief.ts'
import type { Ring } from './ring.ts'
import type { Scratch } from './scratch.ts'
import type { Sink } from './sink.ts'
import { StreamBuffer } from './stream-buffer.ts'
import type { Subscriber, SubscriberOptions } from './subscriber.ts'
import type { Tap } from './tap.ts'
import type { Timelines } from './timelines.ts'

export interface HubOptions extends ConnectionOptions {
  /** What the stream may hold, in bytes. */
  readonly streamBytes: number
  /** Shared by the hubs of a process. */
  readonly scratch: Scratch
  readonly beat: Beat
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
export class Hub implements Publisher, BeatMember, Relievable {
  readonly stream: string
  readonly variant: Variant
  /** What go2rtc was asked for, and what would have given the same tracks. */
  readonly asked: Set<Variant>
  readonly memory: ByteBudget
  readonly since = performance.now()
  readonly drops = { packets: 0, bytes: 0, skips: 0 }
  lastAccess = performance.now()
  readonly fragmentBytes: number
  /** See `Publisher`. */
  due = 0
  readonly #events: HubEvents
  readonly #connection: CameraConnection
  readonly #beat: Beat
  readonly #audience: Audience
  readonly #taps = new Set<Tap>()
  readonly #buffer: StreamBuffer
  #state: 'connecting' | 'live' | 'reconnecting' | 'closed' = 'connecting'
  #ready = Promise.withResolvers<void>()

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
    this.fragmentBytes = options.fragmentBytes
    this.#beat = options.beat
    this.memory = new ByteBudget(
      options.streamBytes,
      bytes => relieve(this, this.#audience, this.#taps, bytes),
      budget,
    )
    this.#buffer = new StreamBuffer(this.memory, options.scratch)
    this.#audience = new Audience(this, () => this.#left())
    this.#ready.promise.catch(() => {})
    this.#connection = new CameraConnection(
      receiver => source.open(stream, variant, receiver),
      this.memory,
      options,
      {
        init: init => this.#takeInit(init),
        fragment: fragment => this.#append(fragment),
        begun: () => this.flush(),
        lost: error => this.#lost(error),
      },
    )
    this.#beat.add(this)
    this.#connection.connect()
  }

  get state() {
    return this.#state
  }

  get ring(): Ring {
    return this.#buffer.ring
  }

  get gop(): Gop {
    return this.#buffer.gop
  }

  /** Bytes of media so far. */
  get received(): number {
    return this.#buffer.received
  }

  get init(): InitSegment | undefined {
    return this.#buffer.init
  }

  get initBytes(): Uint8Array {
    return this.#buffer.init!.bytes
  }

  get tracks(): readonly Track[] {
    return this.#buffer.tracks
  }

  get primary(): Track {
    return this.#buffer.primary
  }

  /** The MIME type with codecs, once the init segment is there. */
  get mimeType(): string {
    return mimeType(this.#buffer.init!)
  }

  /** The hub time at which a track goes on, in units of its timescale. Only after `ready`. */
  endOf(track: Track): number {
    return this.#buffer.continuity.endOf(track)
  }

  get timelines(): Timelines {
    return this.#buffer.timelines
  }

  get gopStart(): Packet | undefined {
    return this.#buffer.gop.start
  }

  get watched(): boolean {
    return this.#audience.size > 0 || this.#taps.values().some(tap => tap.urgent)
  }

  get viewers(): number {
    return this.#audience.size
  }

  /** Somebody goes along with it, whether as a viewer or for many. */
  get inUse(): boolean {
    return this.#audience.size > 0 || this.#taps.size > 0
  }

  get subscribers(): Iterable<Subscriber> {
    return this.#audience
  }

  get connects(): number {
    return this.#connection.connects
  }

  /** Resolves when the tracks are known; rejects with the error of a failed attempt to connect. */
  ready(): Promise<void> {
    if (this.init) return Promise.resolve()
    this.#connection.connect()
    return this.#ready.promise
  }

  /** Only after `ready`. The viewer is sent what is there before this returns. */
  subscribe(sink: Sink, options: SubscriberOptions): Subscriber {
    this.lastAccess = performance.now()
    this.#beat.readNow(this)
    return this.#audience.add(sink, options)
  }

  /** Only after `ready`; returns how to end it. What is in the ring already is the tap's to fetch. */
  attach(tap: Tap): () => void {
    this.#taps.add(tap)
    this.#beat.readNow(this)
    return () => {
      this.#taps.delete(tap)
    }
  }

  /** Somebody waits for what the camera has sent since the last beat. */
  readNow(): void {
    this.#beat.readNow(this)
  }

  read(): void {
    this.#connection.read()
  }

  readAll(): boolean {
    return this.#connection.readAll()
  }

  /** Has the taps free what they can spare, until `enough`. */
  relieveTaps(enough: () => boolean): void {
    relieveTaps(this.#taps, enough)
  }

  /** Gives up the kept GOP; newcomers wait for the next keyframe. */
  dropGop(): void {
    this.#buffer.dropGop()
    this.trim()
  }

  close(): void {
    if (this.#state === 'closed') return
    this.#state = 'closed'
    this.#beat.delete(this)
    this.#connection.close()
    this.#audience.end('closed')
    for (const tap of [...this.#taps]) tap.hubClosed()
    this.#ready.reject(new ShuttingDown())
    this.#buffer.clear()
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

  #left(): void {
    this.lastAccess = performance.now()
    this.trim()
    this.#events.left(this)
  }

  #takeInit(init: InitSegment): void {
    const changed = this.#buffer.isChangedBy(init)
    if (changed) this.#audience.end('changed')
    this.#buffer.begin(init)
    this.#state = 'live'
    this.#ready.resolve()
    if (changed) for (const tap of [...this.#taps]) tap.tracksChanged()
  }

  #append(fragment: Fragment): void {
    const packet = this.#buffer.append(fragment)
    if (!packet) return
    for (const tap of this.#taps) tap.packet(packet)
  }

  /** Sends what is new to everybody who has room for it. */
  flush(): void {
    if (!this.init || this.due === this.ring.next) return
    this.due = this.ring.next
    this.#audience.flush()
    this.trim()
    for (const tap of this.#taps) tap.flush()
  }

  /** Lets go of what neither the kept GOP nor a viewer's cursor needs. */
  trim(): void {
    this.#buffer.trim(this.#audience.cursor)
  }

  #lost(error: CodedError): void {
    this.flush()
    if (this.#state === 'live') this.#state = 'reconnecting'
    if (!this.init) {
      this.#ready.reject(error)
      this.#ready = Promise.withResolvers<void>()
      this.#ready.promise.catch(() => {})
    }
    for (const tap of [...this.#taps]) tap.lost(error)
    this.#events.lost(this, error)
  }
}
