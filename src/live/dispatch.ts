import type { CodedError } from '../errors.ts'
import type { Track } from '../fmp4/init-segment.ts'
import type { Audience } from './audience.ts'
import type { CameraConnection } from './camera-connection.ts'
import type { Continuity } from './continuity.ts'
import { CROWD, Departure, WAITS_MS } from './departure.ts'
import type { FanOut } from './fan-out.ts'
import type { Packet } from './packet.ts'
import { Relay, type Relayed, type RelayedTrack, STAGING_BYTES } from './relay.ts'
import type { Ring } from './ring.ts'

/** What is relayed is told after so long at the latest, in milliseconds. */
const TOLD_MS = 100
/** Where the kept GOP had to be given up, nothing is relayed for so long, in milliseconds. */
const CROWDED_OUT_MS = 600_000

/** Whose packets are sent. */
export interface Dispatched {
  readonly ring: Ring
  readonly memory: { takeFree(bytes: number): boolean; give(bytes: number): void }
  readonly tracks: readonly Track[]
  readonly primary: Track
  readonly gop: { readonly tooLarge: boolean }
  readonly fragmentBytes: number
  /** Undefined unless the camera is connected and its tracks are known. */
  readonly continuity: Continuity | undefined
  /** Somebody else than viewers waits for each packet. */
  readonly isUrgent: boolean
  /** All that is due has been sent, to those who have room. */
  sent(): void
}

/** Says when, and by which way, a hub's viewers are sent what has come: out of the ring, or past it by a relay as long as all is as usual. */
export class Dispatch {
  /** See `Publisher`. */
  due = 0
  readonly dueEnds: number[] = []
  readonly #hub: Dispatched
  readonly #audience: Audience
  readonly #connection: CameraConnection
  readonly #fanOut: FanOut | undefined
  readonly #departure = new Departure(() => this.#flush())
  #relay: Relay | undefined
  /** Packets before this one have been sent by the relay; for as long as they are taken in. */
  #relayedTo = 0
  #isSettling = false
  /** A relay is not tried again, by `performance.now()`. */
  #notBefore = 0

  constructor(hub: Dispatched, audience: Audience, connection: CameraConnection, fanOut: FanOut | undefined) {
    this.#hub = hub
    this.#audience = audience
    this.#connection = connection
    this.#fanOut = fanOut
  }

  /** It is in the ring. */
  packet(packet: Packet): void {
    if (packet.sequence < this.#relayedTo) return
    const { track, duration } = packet.fragment
    if (track.index === this.#hub.primary.index) this.#departure.picture((duration / track.timescale) * 1000)
    else this.#departure.sound()
  }

  /** Nothing more has come for the moment. */
  pause(): void {
    this.#departure.pause(this.#audience.size)
    this.#startRelay()
  }

  /** Sends what there is, at once. */
  leave(): void {
    this.#departure.leave()
  }

  /** What has been relayed until now is in the ring when this returns, and Node reads the camera. */
  settle(): void {
    const relayed = this.#relay?.stop()
    if (!relayed) return
    let error: CodedError | undefined
    this.#isSettling = true
    try {
      error = this.#take(relayed)
    } finally {
      this.#isSettling = false
      if (this.#audience.size === 0) this.rest()
    }
    if (error) this.#connection.lose(error)
  }

  /** Returns what makes the connection useless, if anything does. */
  #take(relayed: Relayed): CodedError | undefined {
    const { ring } = this.#hub
    const next = ring.next + relayed.packets
    this.#departure.expectPicture(relayed.pictureInMs)
    this.#relayedTo = next
    const error = this.#connection.take(relayed.sent)
    this.#relayedTo = 0
    if (!error && ring.next === next) this.#account(relayed, next)
    else this.#audience.endInStep('evicted')
    return error ?? this.#connection.take(relayed.unsent)
  }

  #account(relayed: Relayed, next: number): void {
    for (; this.due < next; this.due++) {
      const packet = this.#hub.ring.at(this.due)
      if (packet) this.dueEnds[packet.fragment.track.index] = packet.decodeTime + packet.fragment.duration
    }
    this.#audience.relayed(relayed, next, this.dueEnds)
  }

  /** Nobody watches any more. */
  rest(): void {
    if (!this.#relay || this.#isSettling) return
    this.#relay.close()
    this.#relay = undefined
    this.#hub.memory.give(STAGING_BYTES)
  }

  #flush(): void {
    const { ring, continuity } = this.#hub
    if (!continuity) return
    this.due = ring.next
    for (let track = 0; track < continuity.ends.length; track++) this.dueEnds[track] = continuity.ends[track]!
    this.#audience.flush()
    this.#hub.sent()
  }

  #fetch(): void {
    this.settle()
    this.#audience.flush()
    this.#hub.sent()
    this.pause()
  }

  #startRelay(): void {
    const { ring, continuity, fragmentBytes } = this.#hub
    const { size } = this.#audience
    const isUsual = continuity && this.#departure.isEmpty && this.due === ring.next
    if (!isUsual || size === 0 || size >= CROWD || this.#isAwaited || !this.#fanOut?.relays) return
    const cohorts = this.#audience.inStep(this.due)
    const { fd } = this.#connection
    const tracks = this.#tracks(continuity)
    if (!cohorts || fd < 0 || !tracks || !this.#hasRelay()) return
    const { pictureInMs } = this.#departure
    this.#relay!.start({
      fd,
      fragmentBytes,
      tracks,
      waitMs: WAITS_MS,
      pictureInMs,
      tellInMs: TOLD_MS,
      cohorts,
    })
  }

  /** Each packet is waited for: nothing is gained by taking in several at once. */
  get #isAwaited(): boolean {
    return this.#hub.isUrgent || this.#audience.hasIdle
  }

  /** Its memory is only what is free as it is, and not for long what the kept GOP needs. */
  #hasRelay(): boolean {
    const now = performance.now()
    if (this.#hub.gop.tooLarge) {
      this.rest()
      this.#notBefore = now + CROWDED_OUT_MS
    }
    if (this.#relay) return true
    if (now < this.#notBefore || !this.#hub.memory.takeFree(STAGING_BYTES)) return false
    this.#relay = new Relay(this.#fanOut!.relays!, () => this.#fetch())
    return true
  }

  /** Undefined before the primary track has begun. */
  #tracks(continuity: Continuity): RelayedTrack[] | undefined {
    const { tracks, primary } = this.#hub
    if (continuity.offsetOf(primary) === undefined) return undefined
    return tracks.map(track => ({
      id: track.id,
      offset: continuity.offsetOf(track)!,
      end: continuity.endOf(track),
      timescale: track.timescale,
      isPrimary: track.index === primary.index,
      defaults: track.defaults,
    }))
  }
}
