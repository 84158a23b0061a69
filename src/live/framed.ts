import { viewOf, writeUint64 } from '../fmp4/box.ts'
import type { Memory } from '../fmp4/reader.ts'
import type { Framing } from './framing.ts'
import type { Packet } from './packet.ts'

/** A packet as one timeline sends it: its own header bytes, and the `mdat` that all timelines share. */
export class Framed {
  readonly packet: Packet
  /** Transport header and `moof`. */
  readonly head: Buffer
  /** Where `moof` begins in `head`. */
  readonly moofOffset: number
  readonly #memory: Memory
  #holders = 1

  private constructor(packet: Packet, head: Buffer, moofOffset: number, memory: Memory) {
    this.packet = packet
    this.head = head
    this.moofOffset = moofOffset
    this.#memory = memory
  }

  /** Wraps a packet with its decode time set to `decodeTime`. Throws if the head does not fit into the budget. */
  static rebased(packet: Packet, decodeTime: number, framing: Framing, memory: Memory): Framed {
    const { moof, tfdtOffset } = packet.fragment
    const moofOffset = framing.headerBytes(packet.bytes)
    holdWith(packet, moofOffset + moof.length, memory)
    const head = Buffer.allocUnsafe(moofOffset + moof.length)
    framing.writeHeader(head, 0, packet.bytes)
    head.set(moof, moofOffset)
    writeUint64(viewOf(head), moofOffset + tfdtOffset, decodeTime)
    return new Framed(packet, head, moofOffset, memory)
  }

  /** Wraps a packet with another `moof`, for a transport without framing. */
  static replaced(packet: Packet, moof: Buffer, memory: Memory): Framed {
    holdWith(packet, moof.length, memory)
    return new Framed(packet, moof, 0, memory)
  }

  get moof(): Uint8Array {
    return this.moofOffset === 0 ? this.head : this.head.subarray(this.moofOffset)
  }

  get bytes(): number {
    return this.head.length - this.moofOffset + this.packet.fragment.mdat.length
  }

  hold(): this {
    this.#holders++
    return this
  }

  drop(): void {
    if (--this.#holders > 0) return
    this.#memory.give(this.head.length)
    this.packet.drop()
  }
}

/** Taking memory may make the hub let go of packets: this one is held first. */
function holdWith(packet: Packet, bytes: number, memory: Memory): void {
  packet.hold()
  packet.leaveToCollector()
  try {
    memory.take(bytes)
  } catch (error) {
    packet.drop()
    throw error
  }
}
