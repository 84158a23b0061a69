import type { Fragment } from '../../fmp4/fragments/fragment.ts'
import type { Memory } from '../../fmp4/fragments/reader.ts'
import { freeBuffer } from '../../memory/free-buffer.ts'

/** Where a fragment stands in its stream. */
export interface Place {
  /** Counts the packets of the stream from 0, without gaps. */
  readonly sequence: number
  /** In units of the track's timescale, continuous across reconnects of the camera. */
  readonly decodeTime: number
  /** Bytes of all packets before this one. */
  readonly position: number
  /** A decoder can start here: a sync sample of the track that governs the GOP. */
  readonly startsGop: boolean
}

/**
 * One fragment in memory. The ring holds it, and so does everything else that needs its bytes for longer than a call. When the
 * last holder drops it, its bytes go back to the budget; they are freed at once if nobody can have handed them to a write that
 * is still under way, and are left to the collector otherwise.
 */
export class Packet implements Place {
  readonly fragment: Fragment
  readonly sequence: number
  readonly decodeTime: number
  readonly position: number
  readonly startsGop: boolean
  readonly bytes: number
  readonly #memory: Memory
  #holders = 1
  #lent = false

  constructor(fragment: Fragment, { sequence, decodeTime, position, startsGop }: Place, memory: Memory) {
    this.fragment = fragment
    this.sequence = sequence
    this.decodeTime = decodeTime
    this.position = position
    this.startsGop = startsGop
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

  /** For a holder that hands its bytes to nobody, or calls `lend` when it does. */
  holdPrivately(): void {
    this.#holders++
  }

  /** Its bytes are handed to a write that may outlast its holders. */
  lend(): void {
    this.#lent = true
  }

  drop(): void {
    if (--this.#holders > 0) return
    this.#memory.give(this.bytes)
    if (!this.#lent) freeBuffer(this.fragment.mdat, this.bytes)
  }
}

/** The packets that a stream holds, oldest first, addressed by sequence number. */
export class Ring {
  #packets: Packet[] = []
  /** Index of the oldest packet. Those before it have been dropped and are cut off together later. */
  #head = 0
  #bytes = 0
  #next = 0

  get bytes(): number {
    return this.#bytes
  }

  get length(): number {
    return this.#packets.length - this.#head
  }

  get oldest(): Packet | undefined {
    return this.#packets[this.#head]
  }

  /** The sequence number that comes after the newest; 0 while there is none. */
  get next(): number {
    return this.#next
  }

  get newest(): Packet | undefined {
    return this.length > 0 ? this.#packets.at(-1) : undefined
  }

  /** Takes over the holder that the packet was made with. */
  append(packet: Packet): void {
    this.#packets.push(packet)
    this.#bytes += packet.bytes
    this.#next = packet.sequence + 1
  }

  at(sequence: number): Packet | undefined {
    const oldest = this.oldest
    return oldest && sequence >= oldest.sequence
      ? this.#packets[this.#head + sequence - oldest.sequence]
      : undefined
  }

  /** Drops every packet before `sequence`. */
  trim(sequence: number): void {
    for (let oldest = this.oldest; oldest && oldest.sequence < sequence; oldest = this.oldest) {
      this.#head++
      this.#bytes -= oldest.bytes
      oldest.drop()
    }
    if (this.#head > 32 && this.#head * 2 > this.#packets.length) {
      this.#packets = this.#packets.slice(this.#head)
      this.#head = 0
    }
  }

  clear(): void {
    this.trim(Number.POSITIVE_INFINITY)
  }
}
