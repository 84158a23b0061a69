import type { Sample } from '../../fmp4/fragments/fragment.ts'
import { fragmentHeadLength, type TrackRun, writeFragmentHead } from '../../fmp4/fragments/moof-writer.ts'
import type { Memory } from '../../fmp4/fragments/reader.ts'
import type { Packet } from '../../live/memory/ring.ts'
import { freeBuffer } from '../../memory/free-buffer.ts'

/** Samples of one track and where their bytes are. */
export interface Run extends TrackRun {
  readonly data: readonly Uint8Array[]
}

export interface PartFields {
  /** Counts the fragments of a stream; `mfhd` carries it. */
  readonly sequence: number
  /** On the timeline of the playlists, in seconds. */
  readonly start: number
  readonly seconds: number
  /** Starts with a sync sample of the track that governs segments. */
  readonly independent: boolean
}

/**
 * One `moof` + `mdat` of all tracks, the unit of low latency (RFC 8216bis, 4.4.4.9). Its header is its own; its media
 * is that of the hub's packets, which it holds until its last holder lets go; its memory is given back then.
 */
export class Part {
  readonly start: number
  readonly seconds: number
  readonly independent: boolean
  readonly bytes: number
  readonly #memory: Memory
  #chunks: readonly Uint8Array[]
  #packets: readonly Packet[]
  #ownBytes: number
  #holders = 1
  #lent = false

  /**
   * Takes over the caller's hold of each packet, also if it throws because the header does not fit into memory.
   * `ownBytes` counts data of the runs that is in no packet.
   */
  constructor(
    fields: PartFields,
    runs: readonly Run[],
    packets: readonly Packet[],
    memory: Memory,
    ownBytes = 0,
  ) {
    this.start = fields.start
    this.seconds = fields.seconds
    this.independent = fields.independent
    this.#packets = packets
    this.#memory = memory
    this.#ownBytes = fragmentHeadLength(runs) + ownBytes
    try {
      memory.take(this.#ownBytes)
    } catch (error) {
      for (const packet of packets) packet.drop()
      throw error
    }
    this.#chunks = [writeFragmentHead(fields.sequence, runs), ...runs.flatMap(run => run.data)]
    this.bytes = this.#chunks.reduce((sum, chunk) => sum + chunk.length, 0)
  }

  /** What it consists of, in order; shared, not to be changed. */
  get chunks(): readonly Uint8Array[] {
    return this.#chunks
  }

  /** All have let go of it, and its bytes are no more. */
  get gone(): boolean {
    return this.#holders === 0
  }

  /** A holder may hand its bytes to a write: they are the collector's to free from then on. */
  hold(): void {
    this.#holders++
    this.#lent = true
    for (const packet of this.#packets) packet.lend()
  }

  /**
   * Puts its bytes together in one place once nobody else holds the packets: a packet costs the process far more than
   * its bytes. Does nothing where there is no room to do it in.
   */
  compact(): void {
    if (this.#packets.length === 0 || this.#holders !== 1 || this.#packets.some(packet => packet.shared))
      return
    try {
      this.#memory.take(this.bytes)
    } catch {
      return
    }
    // Making room may have let go of this very part.
    if (this.#holders !== 1) {
      this.#memory.give(this.bytes)
      return
    }
    const whole = Buffer.allocUnsafeSlow(this.bytes)
    let at = 0
    for (const chunk of this.#chunks) {
      whole.set(chunk, at)
      at += chunk.length
    }
    this.#letGo()
    this.#lent = false
    this.#chunks = [whole]
    this.#packets = []
    this.#ownBytes = this.bytes
  }

  drop(): void {
    if (--this.#holders === 0) this.#letGo()
  }

  #letGo(): void {
    this.#memory.give(this.#ownBytes)
    for (const packet of this.#packets) packet.drop()
    if (this.#lent) return
    const [own] = this.#chunks
    freeBuffer(own!, own!.length)
  }
}

/** The bytes of a packet's samples, without the header of its `mdat`. */
export function sampleData({ fragment: { samples, mdat } }: Packet): Uint8Array {
  return mdat.subarray(8, 8 + bytesOf(samples))
}

export function bytesOf(samples: readonly Sample[]): number {
  let bytes = 0
  for (const { size } of samples) bytes += size
  return bytes
}
