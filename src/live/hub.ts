import type { CodedError } from '../errors.ts'
import { BoxTooLarge } from '../fmp4/errors.ts'
import type { Fragment } from '../fmp4/fragments/fragment.ts'
import type { InitSegment } from '../fmp4/init/init-segment.ts'
import type { Beat, BeatMember } from './camera/beat.ts'
import { CameraConnection, type ConnectionOptions, type LiveSource } from './camera/camera-connection.ts'
import { CameraHealth } from './camera/camera-health.ts'
import type { Variant } from './camera/playable.ts'
import { FragmentTooLarge, PictureGone, ShuttingDown } from './errors.ts'
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
  readonly health: CameraHealth
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
  /** What keeps the camera from being shown at all, until a picture of it has come. */
  #fault: CodedError | undefined

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
    this.health = new CameraHealth(options.silentMs)
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

  /** What keeps the camera from being shown at all. */
  get fault(): CodedError | undefined {
    return this.#fault
  }

  /** How often the camera has been connected. */
  get connects(): number {
    return this.#connection.connects
  }

  /** Resolves when the tracks are known; rejects with the error of a failed attempt to connect, or what keeps it from being shown. */
  ready(): Promise<void> {
    if (this.#fault) return Promise.reject(this.#fault)
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

  /** Looks after the camera; to be called about once a second. `now` is in milliseconds of a steady clock. */
  look(now: number): void {
    if (this.media.gop.start && this.health.isStale(now)) this.dropGop(false)
    const reason = this.#state === 'live' && this.health.reasonToRenew(now, this.media.apart(now))
    if (reason) this.#connection.renew(reason)
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

  dropGop(tooLarge: boolean): void {
    this.media.dropGop(tooLarge)
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
    const { media } = this
    const known = media.init
    if (known && hasPicture(known) && !hasPicture(init)) {
      media.budget.give(init.bytes.length)
      throw new PictureGone()
    }
    const changed = known !== undefined && !media.isOf(init)
    if (changed) this.audience.end('changed')
    if (!media.isOf(init)) this.health.tracks(init)
    this.health.restart()
    media.begin(init)
    this.#state = 'live'
    if (!this.#fault) this.#ready.resolve()
    if (changed) for (const listener of [...this.listeners]) listener.tracksChanged()
  }

  /** A listener that needs memory may have the packet dropped from the ring. */
  #append(fragment: Fragment): void {
    const now = performance.now()
    if (fragment.track.index === this.media.primary.index) {
      this.#fault = undefined
      if (fragment.sync) this.#correct(fragment)
    }
    if (this.health.heard(fragment, now)) this.#connection.lookAgain(init => this.media.isOf(init))
    const packets = this.media.append(fragment, now)
    for (const packet of packets) packet.holdPrivately()
    for (const packet of packets) {
      for (const listener of this.listeners) listener.packet(packet)
      packet.drop()
    }
  }

  /** What a keyframe was encoded with is what players are told. */
  #correct(keyframe: Fragment): void {
    const corrected = this.media.correctedBy(keyframe)
    if (!corrected) return
    this.audience.end('changed')
    this.media.correct(corrected)
    for (const listener of [...this.listeners]) listener.tracksChanged()
  }

  #lost(error: CodedError): void {
    this.flush()
    if (this.#state === 'live') this.#state = 'reconnecting'
    const fault = error instanceof BoxTooLarge ? new FragmentTooLarge(error.message) : undefined
    if (fault) {
      this.#fault = fault
      this.audience.end('unplayable')
    }
    if (!this.media.init || fault) {
      this.#ready.reject(fault ?? error)
      this.#ready = Promise.withResolvers<void>()
      this.#ready.promise.catch(() => {})
    }
    for (const listener of [...this.listeners]) listener.lost(error)
    this.#events.lost(this, error)
  }
}

function hasPicture({ tracks }: InitSegment): boolean {
  return tracks.some(({ kind }) => kind === 'video')
}
