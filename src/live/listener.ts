import type { CodedError } from '../errors.ts'
import type { Packet } from './memory/ring.ts'

/** Takes all packets of a hub for many viewers at once, and keeps the hub open. */
export interface Listener {
  /** Somebody waits for each packet: the camera is read on each beat. */
  readonly wantsEachBeat: boolean
  /** The hub has taken in a packet. A listener that keeps it holds it. */
  packet(packet: Packet): void
  /** Viewers have been sent everything that is new, and the hub has dropped what it does not need itself. */
  flush(): void
  /** The hub's tracks changed: what comes decodes differently, and its times begin anew. */
  tracksChanged(): void
  /** The connection to the camera is lost. Another is made after a while. */
  lost(error: CodedError): void
  /** Bytes are missing: frees what can be spared, until `enough`. */
  relieve(enough: () => boolean): void
  /** So many bytes are still missing: frees everything, for good. */
  giveUp(missing: number): void
  /** The hub is closed for good. */
  hubClosed(): void
}
