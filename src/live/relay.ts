import { freeBuffer } from '../memory/free-buffer.ts'
import { INTERVAL_MS } from './block-fill.ts'
import type { Cohort, Member } from './cohort.ts'

/**
 * The part of the addon that reads a camera's connection instead of Node (`relay.h`): whole fragments that go on where their tracks have got to
 * are sent to those in step as soon as they come, without any JavaScript, and are fetched by it some ten times a second. Whatever else comes,
 * and whatever else happens, is JavaScript's: it is told, fetches everything, and Node reads on.
 */
export interface RelayBinding {
  /** `onDue` is called when what has come is to be fetched by `stop`; what comes lies in `staging` until then. */
  create(staging: Uint8Array, onDue: () => void): RelayHandle
  /**
   * Outlets from 0 up to `count` are sent to from the next `start` on, in `isWebSocket` frames or as they are; `shifts` as in `FanOut`, the two that
   * follow as `BlockFills.look` gives them. They are an audience by its number, 0 or 1; those above it are given up. False if it cannot be.
   */
  seat(
    relay: RelayHandle,
    audience: number,
    isWebSocket: boolean,
    outlets: Int32Array,
    shifts: Float64Array,
    filled: Int32Array,
    fullForMs: Float64Array,
    count: number,
  ): boolean
  /** From here on that connection is relayed, see `plan`. False, and nothing seated, where it cannot be. */
  start(relay: RelayHandle, fd: number, plan: Float64Array): boolean
  /** Node reads again. Returns how many bytes in `staging` it has missed; `report` says what has been sent of them, see `Relay.stop`. */
  stop(relay: RelayHandle, report: Float64Array): number
  /** After `stop`: who did not take all of the last write, three numbers for each: the audience, its seat, the bytes that were taken. */
  fallen(relay: RelayHandle): number[]
  /** Nothing is relayed by it any more, and `staging` not touched. */
  close(relay: RelayHandle): void
}

declare const handle: unique symbol
export interface RelayHandle {
  readonly [handle]: never
}

/** What is relayed, and how far it has got. Times in milliseconds from now on. */
export interface RelayPlan {
  /** Of the camera's connection, which has nothing but fragments to come, and none half read. */
  readonly fd: number
  /** A fragment may have at most so many bytes. */
  readonly fragmentBytes: number
  readonly tracks: readonly RelayedTrack[]
  /** Sound waits for a picture that is due within so long, or overdue by as much. */
  readonly waitMs: number
  readonly pictureInMs: number
  /** Until what has been sent is to be told; sooner where a block is to be filled up. */
  readonly tellInMs: number
  readonly cohorts: readonly Cohort[]
}

/** By track index. Times in units of its timescale. */
export interface RelayedTrack {
  readonly id: number
  /** From its decode times to hub time. */
  readonly offset: number
  /** Where it has got to in hub time. */
  readonly end: number
  readonly timescale: number
  readonly isPrimary: boolean
  /** Of its samples, where a fragment does not say it. */
  readonly defaults: { readonly duration: number; readonly size: number }
}

/** What has been read and sent. */
export interface Relayed {
  /** Packets that Node has not read and that have been sent, and what has come behind them. Good until the next `start`. */
  readonly sent: Uint8Array
  readonly unsent: Uint8Array
  readonly packets: number
  /** How many of them the last write held. */
  readonly lastPackets: number
  /** When the next picture is expected, in milliseconds from now on. */
  readonly pictureInMs: number
  /** Bytes without transport headers, and when, by `performance.now()`. */
  readonly writes: readonly { readonly bytes: number; readonly at: number }[]
  /** Who did not take all of the last one. */
  readonly fallen: readonly { readonly cohort: Cohort; readonly member: Member; readonly taken: number }[]
}

/** What has not been fetched may be as much; a camera of 4 Mbit/s sends half of it in a tenth of a second. */
export const STAGING_BYTES = 128 * 1024
/** In one write for each viewer: more goes out in several turns of the event loop. */
const MOST_AT_ONCE = 8 * 1024 * 1024
const MOST_TRACKS = 8
/** What `stop` tells, in this order, and of each write. */
const SENT = 0
const PICTURE_IN = 1
const FALLEN = 2
const WRITES = 3
const FIRST_WRITE = 4
const WRITE = 3
const MOST_WRITES = 32

/** Relays one camera's connection to those who are in step. */
export class Relay {
  readonly #binding: RelayBinding
  readonly #handle: RelayHandle
  readonly #staging = Buffer.allocUnsafeSlow(STAGING_BYTES)
  readonly #report = new Float64Array(FIRST_WRITE + MOST_WRITES * WRITE)
  /** By number of the audience; undefined while nothing is relayed. */
  #cohorts: readonly Cohort[] | undefined

  constructor(binding: RelayBinding, onDue: () => void) {
    this.#binding = binding
    this.#handle = binding.create(this.#staging, onDue)
  }

  /** False where it cannot be: then Node reads on. */
  start(plan: RelayPlan): boolean {
    if (plan.tracks.length > MOST_TRACKS) return false
    for (const [audience, { isWebSocket, seats }] of plan.cohorts.entries()) {
      const { outlets, shifts, count } = seats
      const { filled, fullForMs } = seats.fills.look(performance.now())
      if (!this.#binding.seat(this.#handle, audience, isWebSocket, outlets, shifts, filled, fullForMs, count))
        return false
    }
    const { fragmentBytes, waitMs, pictureInMs, tellInMs } = plan
    const numbers = [fragmentBytes, MOST_AT_ONCE, waitMs, INTERVAL_MS, pictureInMs, tellInMs]
    for (const { id, offset, end, timescale, isPrimary, defaults } of plan.tracks)
      numbers.push(id, offset, end, timescale, isPrimary ? 1 : 0, defaults.duration, defaults.size)
    if (!this.#binding.start(this.#handle, plan.fd, Float64Array.from(numbers))) return false
    this.#cohorts = plan.cohorts
    return true
  }

  /** Node reads on, once what this returns is dealt with. Undefined if nothing was relayed. */
  stop(): Relayed | undefined {
    const cohorts = this.#cohorts
    if (!cohorts) return undefined
    this.#cohorts = undefined
    const report = this.#report
    const bytes = this.#binding.stop(this.#handle, report)
    if (bytes < 0) throw new Error('The relay’s addon and relay.ts are not of one build')
    const now = performance.now()
    const writes = Array.from({ length: report[WRITES]! }, (_, i) => {
      const at = FIRST_WRITE + i * WRITE
      return { bytes: report[at]!, packets: report[at + 1]!, at: now - report[at + 2]! }
    })
    const sent = writes.reduce((sum, write) => sum + write.bytes, 0)
    return {
      sent: this.#staging.subarray(0, sent),
      unsent: this.#staging.subarray(sent, bytes),
      packets: report[SENT]!,
      lastPackets: writes.at(-1)?.packets ?? 0,
      pictureInMs: report[PICTURE_IN]!,
      writes,
      fallen: report[FALLEN] === 0 ? [] : this.#fallen(cohorts),
    }
  }

  /** Nothing is relayed any more; the memory goes back to the system. */
  close(): void {
    this.#cohorts = undefined
    this.#binding.close(this.#handle)
    freeBuffer(this.#staging, STAGING_BYTES)
  }

  #fallen(cohorts: readonly Cohort[]): Relayed['fallen'] {
    const numbers = this.#binding.fallen(this.#handle)
    return Array.from({ length: numbers.length / 3 }, (_, i) => {
      const [audience, seat, taken] = numbers.slice(3 * i, 3 * i + 3) as [number, number, number]
      const cohort = cohorts[audience]!
      return { cohort, member: cohort.seats.at(seat), taken }
    })
  }
}
