import type { Fragment } from '../fmp4/fragment.ts'
import type { Memory } from '../fmp4/reader.ts'
import { freeBuffer } from '../memory/free-buffer.ts'

/**
 * One fragment on its way through a hub. It is held by the ring, by windows and by every write that is under way with its
 * bytes; when the last lets go, they return to the budget, and to the allocator at once, unless a write may be left that nobody
 * waits for.
 */
export class Packet {
  readonly fragment: Fragment
  /** Counts the hub's packets from 0, without gaps. */
  readonly sequence: number
  /** In units of the track's timescale, continuous across reconnects of the hub. */
  readonly decodeTime: number
  readonly bytes: number
  /** Bytes of all packets of the hub before this one. */
  readonly position: number
  /** A decoder can start here: a sync sample of the track that governs the GOP. */
  readonly startsGop: boolean
  readonly #memory: Memory
  #holders = 1
  #left = false

  constructor(
    fragment: Fragment,
    at: { sequence: number; decodeTime: number; position: number; startsGop: boolean },
    memory: Memory,
  ) {
    this.fragment = fragment
    this.sequence = at.sequence
    this.decodeTime = at.decodeTime
    this.position = at.position
    this.startsGop = at.startsGop
    this.bytes = fragment.moof.length + fragment.mdat.length
    this.#memory = memory
  }

  get end(): number {
    return this.position + this.bytes
  }

  /** More than one holds it. */
  get shared(): boolean {
    return this.#holders > 1
  }

  hold(): void {
    this.#holders++
  }

  /** A write that is cut off may still refer to its bytes when all have let go: they are the collector's to free. */
  leaveToCollector(): void {
    this.#left = true
  }

  drop(): void {
    if (--this.#holders > 0) return
    this.#memory.give(this.bytes)
    if (this.#left) return
    freeBuffer(this.fragment.mdat, this.bytes)
  }
}
