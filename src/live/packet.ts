import type { Fragment } from '../fmp4/fragment.ts'
import type { Memory } from '../fmp4/reader.ts'
import { freeBuffer } from '../memory/free-buffer.ts'

/**
 * One fragment on its way through a hub. It is held by the ring and by every write that is under way with its
 * bytes; when the last lets go, the bytes return to the budget. If it was never in anybody's but the ring's hands, as most are whose viewers keep up, they
 * return to the allocator at once as well.
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
  /** Others than the ring have had its bytes; a write that was cut off may still refer to them. */
  #lent = false

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
    this.#lent = true
  }

  drop(): void {
    if (--this.#holders > 0) return
    this.#memory.give(this.bytes)
    if (this.#lent) return
    freeBuffer(this.fragment.moof)
    freeBuffer(this.fragment.mdat)
  }
}
