import { viewOf, writeUint64 } from '../fmp4/box.ts'
import type { Memory } from '../fmp4/reader.ts'
import type { Framing } from './framing.ts'
import type { Packet } from './packet.ts'

/**
 * Packets as one stretch of bytes, for everybody who is equally far. Viewers differ in their decode times alone, and those
 * are written into it for one timeline after another: the kernel has copied what it took when a write returns. Once it
 * has not taken everything, the bytes belong to that write and stay as they are.
 */
export class Joined {
  /** The sequence number of the first packet, and of the one after the last. */
  readonly from: number
  readonly next: number
  /** Transport headers included. */
  readonly bytes: Buffer
  readonly #view: DataView
  readonly #memory: Memory
  /** Of each packet: where its decode time lies, what it is in hub time, and the index of its track. */
  readonly #places: number[] = []
  readonly #times: number[] = []
  readonly #tracks: number[] = []
  /** By track index: hub time of the first packet, infinite where there is none, and where the last one ends. */
  readonly #starts: number[]
  readonly #ends: number[]
  /** What the decode times in it have been moved by, by track index. */
  #shifts: readonly number[] | undefined
  #taken = false
  #holders = 1

  /** Fills `into`; `bytes`, their length in all, were taken from `memory` and go back when nobody holds it any more. */
  constructor(
    packets: readonly Packet[],
    framing: Framing,
    trackCount: number,
    into: Buffer,
    bytes: number,
    memory: Memory,
  ) {
    this.from = packets[0]!.sequence
    this.next = this.from + packets.length
    this.bytes = into.subarray(0, bytes)
    this.#view = viewOf(this.bytes)
    this.#memory = memory
    this.#starts = new Array<number>(trackCount).fill(Number.POSITIVE_INFINITY)
    this.#ends = new Array<number>(trackCount).fill(0)
    let at = 0
    for (const packet of packets) at = this.#append(packet, framing, at)
  }

  #append({ fragment, bytes, decodeTime }: Packet, framing: Framing, at: number): number {
    const { moof, mdat, tfdtOffset, track, duration } = fragment
    framing.writeHeader(this.bytes, at, bytes)
    const start = at + framing.headerBytes(bytes)
    this.bytes.set(moof, start)
    this.bytes.set(mdat, start + moof.length)
    this.#places.push(start + tfdtOffset)
    this.#times.push(decodeTime)
    this.#tracks.push(track.index)
    this.#starts[track.index] = Math.min(this.#starts[track.index]!, decodeTime)
    this.#ends[track.index] = decodeTime + duration
    return start + bytes
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
    for (let i = 0; i < this.#places.length; i++)
      writeUint64(this.#view, this.#places[i]!, this.#times[i]! - shifts[this.#tracks[i]!]!)
  }

  /** For a write that has not been taken at once. */
  hold(): this {
    this.#taken = true
    this.#holders++
    return this
  }

  drop(): void {
    if (--this.#holders === 0) this.#memory.give(this.bytes.length)
  }
}
