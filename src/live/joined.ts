import { viewOf, writeUint64 } from '../fmp4/box.ts'
import type { Memory } from '../fmp4/reader.ts'
import type { Framing } from './framing.ts'
import type { Packet } from './packet.ts'

const NOTHING = Buffer.alloc(0)
/** What a write that waits keeps alive. */
export interface Held {
  drop(): void
}

/** Numbers that a stamp has. */
const STAMP = 3

/**
 * Packets as one stretch of bytes, for everybody who is equally far. Viewers differ in their decode times alone, and those
 * are written into it for one timeline after another: the kernel has copied what it took when a write returns. Once it
 * has not taken everything, the bytes belong to that write and stay as they are.
 *
 * The payload of the last packet may stay where it is, as a keyframe's does: it is the same for everybody, and goes behind
 * the stretch without being copied.
 */
export class Joined {
  readonly #framing: Framing
  readonly #memory: Memory
  #bytes: Buffer = NOTHING
  #view = viewOf(NOTHING)
  /** Whose payload goes behind the bytes. */
  #last: Packet | undefined
  #from = 0
  #next = 0
  #stamps = new Float64Array(8 * STAMP)
  /** By track index: hub time of the first packet, infinite where there is none, and where the last one ends. */
  readonly #starts: number[]
  readonly #ends: number[]
  /** What the decode times in it have been moved by, by track index. */
  #shifts: readonly number[] | undefined
  #taken = false
  #holders = 0

  constructor(framing: Framing, trackCount: number, memory: Memory) {
    this.#framing = framing
    this.#memory = memory
    this.#starts = new Array<number>(trackCount)
    this.#ends = new Array<number>(trackCount)
  }

  /**
   * Has it hold these packets, in `bytes`, as many as they are with transport headers, less the payload of `last` if that is
   * the last of them. Those were taken from memory and go back when nobody holds it any more; then it can be filled again,
   * unless it was taken.
   */
  fill(packets: readonly Packet[], bytes: Buffer, last: Packet | undefined): void {
    last?.hold()
    this.#last = last
    this.#from = packets[0]!.sequence
    this.#next = this.#from
    this.#bytes = bytes
    this.#view = viewOf(bytes)
    if (packets.length * STAMP > this.#stamps.length)
      this.#stamps = new Float64Array(2 * packets.length * STAMP)
    this.#starts.fill(Number.POSITIVE_INFINITY)
    this.#shifts = undefined
    this.#holders = 1
    let at = 0
    for (const packet of packets) at = this.#append(packet, at)
  }

  #append(packet: Packet, at: number): number {
    const { fragment, bytes, decodeTime } = packet
    const { moof, mdat, tfdtOffset, track, duration } = fragment
    this.#framing.writeHeader(this.#bytes, at, bytes)
    const start = at + this.#framing.headerBytes(bytes)
    this.#bytes.set(moof, start)
    if (packet !== this.#last) this.#bytes.set(mdat, start + moof.length)
    const stamp = (this.#next++ - this.#from) * STAMP
    this.#stamps[stamp] = start + tfdtOffset
    this.#stamps[stamp + 1] = decodeTime
    this.#stamps[stamp + 2] = track.index
    this.#starts[track.index] = Math.min(this.#starts[track.index]!, decodeTime)
    this.#ends[track.index] = decodeTime + duration
    return start + bytes
  }

  /** The sequence number of the first packet. */
  get from(): number {
    return this.#from
  }

  /** The one after the last. */
  get next(): number {
    return this.#next
  }

  /** Transport headers included. */
  get bytes(): Buffer {
    return this.#bytes
  }

  /** What goes behind the bytes. */
  get payload(): Uint8Array | undefined {
    return this.#last?.fragment.mdat
  }

  get chunks(): readonly Uint8Array[] {
    const { payload } = this
    return payload ? [this.#bytes, payload] : [this.#bytes]
  }

  /** Of both, in bytes. */
  get length(): number {
    return this.#bytes.length + (this.payload?.length ?? 0)
  }

  /** A write is or was under way with it, so that the bytes are not to be used for anything else. */
  get taken(): boolean {
    return this.#taken
  }

  /** True if it is what comes next on a timeline that lies `shifts` behind hub time and whose tracks have got to `ends`. */
  fits(shifts: readonly number[], ends: readonly number[]): boolean {
    if (this.#taken && shifts !== this.#shifts) return false
    for (let track = 0; track < ends.length; track++)
      if (this.#starts[track]! - shifts[track]! < ends[track]!) return false
    return true
  }

  /** Writes the decode times of a timeline that it fits, and brings `ends` up to date. */
  stamp(shifts: readonly number[], ends: number[]): void {
    for (let track = 0; track < ends.length; track++)
      if (this.#starts[track] !== Number.POSITIVE_INFINITY) ends[track] = this.#ends[track]! - shifts[track]!
    if (shifts === this.#shifts) return
    this.#shifts = shifts
    const stamps = this.#stamps
    for (let i = 0; i < (this.#next - this.#from) * STAMP; i += STAMP)
      writeUint64(this.#view, stamps[i]!, stamps[i + 1]! - shifts[stamps[i + 2]!]!)
  }

  /** For a write that has not been taken at once. To be dropped when it is done. */
  hold(): Held {
    this.#last?.leaveToCollector()
    this.#taken = true
    this.#holders++
    return this
  }

  drop(): void {
    if (--this.#holders > 0) return
    this.#memory.give(this.#bytes.length)
    this.#last?.drop()
    this.#last = undefined
  }
}
