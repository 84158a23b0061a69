import type { Track } from '../fmp4/init-segment.ts'
import type { Memory } from '../fmp4/reader.ts'
import type { Packet } from './packet.ts'
import type { Ring } from './ring.ts'
import type { Timelines } from './timelines.ts'

/** What a subscriber needs of its hub. */
export interface Publisher {
  readonly ring: Ring
  readonly memory: Memory
  readonly timelines: Timelines
  readonly initBytes: Uint8Array
  readonly tracks: readonly Track[]
  readonly primary: Track
  /** The sequence number of the first packet that is not to be sent yet. */
  readonly due: number
  /** The first packet of the kept GOP, if one is kept. */
  readonly gopStart: Packet | undefined
  /** A viewer is moved on. */
  skipped(): void
  /** So much was left out for one viewer. */
  dropped(packets: number, bytes: number): void
}
