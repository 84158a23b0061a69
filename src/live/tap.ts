import type { CodedError } from '../errors.ts'
import type { Packet } from './packet.ts'

/** Something that goes along with all packets of a hub for many viewers at once, and keeps the hub open. */
export interface Tap {
  /** What comes is waited for: a tenth of a second would be felt. */
  readonly urgent: boolean
  /** The hub has taken in a packet; it is to be held if it is kept. */
  packet(packet: Packet): void
  /** No more will come for the moment, and the hub has let go of what it does not need itself. */
  flush(): void
  /** The hub's tracks changed: what comes decodes differently, and its times begin anew. */
  tracksChanged(): void
  /** The connection to the camera is lost; another is made after a while. */
  lost(error: CodedError): void
  /** Bytes are missing: frees what it can spare, until `enough`. */
  relieve(enough: () => boolean): void
  /** So many bytes are still missing: everything is to be let go of, for good. */
  giveUp(missing: number): void
  /** The hub is closed for good. */
  hubClosed(): void
}
