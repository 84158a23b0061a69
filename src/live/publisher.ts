import type { Listener } from './listener.ts'
import type { StreamMemory } from './memory/stream-memory.ts'
import type { EndCause } from './viewers/sink.ts'

/** A viewer, as those see it who need its bytes. */
export interface Viewer {
  /** The oldest packet that it still needs, by sequence number; infinite if it needs none. */
  readonly oldest: number
  /** A write was still waiting when more came. */
  readonly late: boolean
  /** Bytes that are held for it or that it is behind. */
  readonly queued: number
  /** Gives up what has not been sent, and goes on at a later keyframe. */
  moveOn(): void
  end(cause: EndCause): void
}

/** A hub, as its viewers see it and those who look after memory. */
export interface Publisher {
  readonly media: StreamMemory
  readonly audience: Iterable<Viewer>
  readonly listeners: ReadonlySet<Listener>
  /** Somebody watches it or listens to it. */
  readonly inUse: boolean
  /** Sends what is new to everybody who has room for it. */
  send(): void
  /** Drops what neither the kept GOP nor a viewer needs. */
  trim(): void
  /** Gives up the kept GOP; newcomers wait for the next keyframe. `tooLarge` says that there is no room for it. */
  dropGop(tooLarge: boolean): void
  /** A viewer is moved on. */
  skipped(): void
  /** So much was left out for one viewer. */
  dropped(packets: number, bytes: number): void
}
