import { createRequire } from 'node:module'
import type { RelayBinding } from './relay.ts'

/**
 * Sends the same bytes to many connections in one call, where a write of each by itself spends three microseconds on its way to
 * the system. An outlet is a connection as the fan-out knows it: it takes nothing while anything waits in its stream, so
 * that nothing is sent past that (as with libuv's `uv_try_write`), and nothing once it is being closed.
 */
export interface FanOut {
  /** The outlet of the open TCP connection with that file descriptor; -1 if there is none. */
  open(fd: number): number
  /** To be called by when the connection says that it is closed, and once. */
  close(outlet: number): void
  /**
   * Sends to the outlets from `from` up to `to`, each with its decode times written into `bytes`, and the payload behind
   * them, if there is one: `stamps` says of so many where each lies, what it is in hub time, and the index of its track; `shifts` what to take off, for each outlet and track.
   * Returns the first outlet that did not take all, with what it took in `taken[0]`; `to` if there is none.
   */
  send(
    bytes: Uint8Array,
    payload: Uint8Array | undefined,
    stamps: Float64Array,
    stampCount: number,
    outlets: Int32Array,
    shifts: Float64Array,
    from: number,
    to: number,
    taken: Int32Array,
  ): number
  /** Offered to one event loop of a process. */
  readonly relays?: RelayBinding
}

/** Beside the bundle (`build/addon.ts`). The sources, and builds on a machine without a C compiler, do without. */
const PATH = './fan-out.node'

/** Undefined where there is no addon. */
export function loadFanOut(path = PATH): FanOut | undefined {
  try {
    return createRequire(import.meta.filename)(path) as FanOut
  } catch {
    return undefined
  }
}
