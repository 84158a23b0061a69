import { viewOf, writeUint64 } from '../../fmp4/boxes/box.ts'
import type { Memory } from '../../fmp4/fragments/reader.ts'
import type { Packet } from '../memory/ring.ts'
import type { Outgoing } from './catch-up.ts'
import type { Framing } from './framing.ts'

const NOTHING = Buffer.alloc(0)
/** Numbers that a stamp has. */
const STAMP = 3

/**
 * Packets copied into one stretch of bytes, for all viewers who have received everything before them. Viewers differ in their
 * decode times alone, which are written into the bytes for one timeline after another: a write that has left user space has
 * been copied. A write that has to wait keeps the bytes, and they stay as they are.
 *
 * The payload of a packet that is too large to be copied stays where it is and goes behind the bytes.
 */
export class SharedWrite implements Outgoing {
  readonly #framing: Framing
  readonly #memory: Memory
  #bytes: Buffer = NOTHING
  #view = viewOf(NOTHING)
  #chunks: readonly Uint8Array[] = []
  #length = 0
  /** Whose payload goes behind the bytes. */
  #large: Packet | undefined
  #from = 0
  #next = 0
  /** Of each packet: where its decode time lies, what it is in the stream, and its track. */
  #stamps = new Float64Array(8 * STAMP)
  /** By track index: decode time of the first packet, infinite where there is none, and where the last one ends. */
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
   * Fills it with these packets, in `bytes`, which are as many as the packets have with transport headers, less the payload of
   * `large`. They were taken from memory and go back when nobody holds it any more. It can be filled again then, unless it
   * was taken.
   */
  fill(packets: readonly Packet[], bytes: Buffer, large: Packet | undefined): void {
    large?.holdPrivately()
    this.#large = large
    this.#from = packets[0]!.sequence
    this.#next = this.#from
    this.#bytes = bytes
    this.#view = viewOf(bytes)
    this.#chunks = large ? [bytes, large.fragment.mdat] : [bytes]
    this.#length = bytes.length + (large?.fragment.mdat.length ?? 0)
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
    if (packet !== this.#large) this.#bytes.set(mdat, start + moof.length)
    const stamp = (this.#next++ - this.#from) * STAMP
    this.#stamps[stamp] = start + tfdtOffset
    this.#stamps[stamp + 1] = decodeTime
    this.#stamps[stamp + 2] = track.index
    this.#starts[track.index] = Math.min(this.#starts[track.index]!, decodeTime)
    this.#ends[track.index] = decodeTime + duration
    return start + bytes
  }

  get chunks(): readonly Uint8Array[] {
    return this.#chunks
  }

  get bytes(): number {
    return this.#length
  }

  /** The sequence number of the first packet. */
  get from(): number {
    return this.#from
  }

  /** The one after the last. */
  get next(): number {
    return this.#next
  }

  /** A write waits or has waited with it, so that its bytes are not to be used for anything else. */
  get taken(): boolean {
    return this.#taken
  }

  /** True if it continues a timeline that lies `shifts` behind the stream and whose tracks have got to `ends`. */
  fits(shifts: readonly number[], ends: readonly number[]): boolean {
    for (let track = 0; track < ends.length; track++)
      if (this.#starts[track]! - shifts[track]! < ends[track]!) return false
    return true
  }

  /** True if its bytes may be written for that timeline. */
  isFree(shifts: readonly number[]): boolean {
    return !this.#taken || shifts === this.#shifts
  }

  /** Writes the decode times of a timeline that it fits, brings `ends` up to date, and holds it for one write. */
  stampFor(shifts: readonly number[], ends: number[]): this {
    for (let track = 0; track < ends.length; track++)
      if (this.#starts[track] !== Number.POSITIVE_INFINITY) ends[track] = this.#ends[track]! - shifts[track]!
    this.#holders++
    if (shifts === this.#shifts) return this
    this.#shifts = shifts
    const stamps = this.#stamps
    for (let i = 0; i < (this.#next - this.#from) * STAMP; i += STAMP)
      writeUint64(this.#view, stamps[i]!, stamps[i + 1]! - shifts[stamps[i + 2]!]!)
    return this
  }

  waits(): void {
    this.#taken = true
    this.#large?.lend()
  }

  release(): void {
    if (--this.#holders > 0) return
    this.#memory.give(this.#bytes.length)
    this.#large?.drop()
    this.#large = undefined
  }
}
