import type { Audience } from './audience.ts'
import type { Continuity } from './continuity.ts'
import { Departure } from './departure.ts'
import type { Packet } from './packet.ts'
import type { Ring } from './ring.ts'

/** Whose packets are sent. */
export interface Dispatched {
  readonly ring: Ring
  readonly primary: { readonly index: number }
  /** Undefined unless the camera is connected and its tracks are known. */
  readonly continuity: Continuity | undefined
  /** All that is due has been sent, to those who have room. */
  sent(): void
}

/** Says when a hub's viewers are sent what has come. */
export class Dispatch {
  /** See `Publisher`. */
  due = 0
  readonly #hub: Dispatched
  readonly #audience: Audience
  readonly #departure = new Departure(() => this.#flush())

  constructor(hub: Dispatched, audience: Audience) {
    this.#hub = hub
    this.#audience = audience
  }

  /** It is in the ring. */
  packet({ fragment: { track, duration } }: Packet): void {
    if (track.index === this.#hub.primary.index) this.#departure.picture((duration / track.timescale) * 1000)
    else this.#departure.sound()
  }

  /** Nothing more has come for the moment. */
  pause(): void {
    this.#departure.pause(this.#audience.size)
  }

  /** Sends what there is, at once. */
  leave(): void {
    this.#departure.leave()
  }

  #flush(): void {
    const { ring, continuity } = this.#hub
    if (!continuity) return
    this.due = ring.next
    this.#audience.flush()
    this.#hub.sent()
  }
}
