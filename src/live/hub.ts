import type { CodedError } from '../errors.ts'
import type { Fragment } from '../fmp4/fragments/fragment.ts'
import type { InitSegment } from '../fmp4/init/init-segment.ts'
import type { Beat, BeatMember } from './camera/beat.ts'
import { CameraConnection, type ConnectionOptions, type LiveSource } from './camera/camera-connection.ts'
import type { Variant } from './camera/playable.ts'
import { ShuttingDown } from './errors.ts'
import type { Listener } from './listener.ts'
import { ByteBudget } from './memory/budget.ts'
import { relieveStream } from './memory/pressure.ts'
import { StreamMemory } from './memory/stream-memory.ts'
import type { Publisher } from './publisher.ts'
import type { Scratch } from './timeline/shared-writes.ts'
import { Audience } from './viewers/audience.ts'
import type { Sink } from './viewers/sink.ts'
import type { Subscriber, SubscriberOptions } from './viewers/subscriber.ts'

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

/** One stream's publisher: one connection to the camera, what is held of it, and any number of viewers and listeners. */
export class Hub implements Publisher, BeatMember {
  readonly stream: string
  readonly variant: Variant
  /** What go2rtc was asked for, and what would have given the same tracks. */
  readonly asked: Set<Variant>
  readonly media: StreamMemory
  readonly audience: Audience
  readonly listeners = new Set<Listener>()
  readonly since = performance.now()
  readonly drops = { packets: 0, bytes: 0, skips: 0 }
  lastAccess = performance.now()
  readonly #events: HubEvents
  readonly #connection: CameraConnection
  readonly #beat: Beat
  #state: 'connecting' | 'live' | 'reconnecting' | 'closed' = 'connecting'
  #ready = Promise.withResolvers<void>()
  /** The packets before these have been sent, and listeners have been told so. */
  #sent = 0
  #told = 0
  #sending = false

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
    this.#beat = options.beat
    const own = new ByteBudget(options.streamBytes, bytes => relieveStream(this, bytes), budget)
    this.media = new StreamMemory(own, options.scratch)
    this.audience = new Audience(this, () => this.#left())
    this.#ready.promise.catch(() => {})
    this.#connection = new CameraConnection(
      receiver => source.open(stream, variant, receiver),
      own,
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

  get watched(): boolean {
    return this.audience.size > 0 || this.listeners.values().some(listener => listener.wantsEachBeat)
  }

  get viewers(): number {
    return this.audience.size
  }

  get inUse(): boolean {
    return this.audience.size > 0 || this.listeners.size > 0
  }

  /** How often the camera has been connected. */
  get connects(): number {
    return this.#connection.connects
  }

  /** Resolves when the tracks are known; rejects with the error of a failed attempt to connect. */
  ready(): Promise<void> {
    if (this.media.init) return Promise.resolve()
    this.#connection.connect()
    return this.#ready.promise
  }

  /** Only after `ready`. The viewer is sent what is there before this returns. */
  subscribe(sink: Sink, options: SubscriberOptions): Subscriber {
    this.lastAccess = performance.now()
    this.readNow()
    return this.audience.add(sink, options)
  }

  /** Only after `ready`; returns how to end it. What is in the ring already is the listener's to fetch. */
  attach(listener: Listener): () => void {
    this.listeners.add(listener)
    this.readNow()
    return () => {
      this.listeners.delete(listener)
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

  flush(): void {
    this.send()
    const { next } = this.media.ring
    if (this.#told === next) return
    this.#told = next
    for (const listener of [...this.listeners]) listener.flush()
  }

  send(): void {
    const { ring, init } = this.media
    if (!init || this.#sending || this.#sent === ring.next) return
    this.#sending = true
    try {
      this.audience.flush(this.#sent)
      this.#sent = ring.next
    } finally {
      this.#sending = false
    }
    this.trim()
  }

  trim(): void {
    this.media.trim(this.audience.oldest)
  }

  dropGop(): void {
    this.media.dropGop()
    this.trim()
  }

  close(): void {
    if (this.#state === 'closed') return
    this.#state = 'closed'
    this.#beat.delete(this)
    this.#connection.close()
    this.audience.end('closed')
    for (const listener of [...this.listeners]) listener.hubClosed()
    this.#ready.reject(new ShuttingDown())
    this.media.clear()
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
    const changed = this.media.isChangedBy(init)
    if (changed) this.audience.end('changed')
    this.media.begin(init)
    this.#state = 'live'
    this.#ready.resolve()
    if (changed) for (const listener of [...this.listeners]) listener.tracksChanged()
  }

  /** A listener that needs memory may have the packet dropped from the ring. */
  #append(fragment: Fragment): void {
    const packets = this.media.append(fragment, performance.now())
    for (const packet of packets) packet.holdPrivately()
    for (const packet of packets) {
      for (const listener of this.listeners) listener.packet(packet)
      packet.drop()
    }
  }

  #lost(error: CodedError): void {
    this.flush()
    if (this.#state === 'live') this.#state = 'reconnecting'
    if (!this.media.init) {
      this.#ready.reject(error)
      this.#ready = Promise.withResolvers<void>()
      this.#ready.promise.catch(() => {})
    }
    for (const listener of [...this.listeners]) listener.lost(error)
    this.#events.lost(this, error)
  }
}
