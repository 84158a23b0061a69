import { viewOf, writeUint64 } from '../../fmp4/boxes/box.ts'
import type { Memory } from '../../fmp4/fragments/reader.ts'
import type { Packet } from '../memory/ring.ts'
import type { Framing } from './framing.ts'

/** What a packet is sent with on one timeline in front of its `mdat`: the transport header, and a `moof` with other decode times. */
export class Head {
  readonly bytes: Buffer
  /** Where `moof` begins. */
  readonly #moofOffset: number
  readonly #memory: Memory
  #holders = 1

  private constructor(bytes: Buffer, moofOffset: number, memory: Memory) {
    this.bytes = bytes
    this.#moofOffset = moofOffset
    this.#memory = memory
  }

  /** The packet's own `moof` with its decode time set to `decodeTime`. Throws if it does not fit into the budget. */
  static rebased(packet: Packet, decodeTime: number, framing: Framing, memory: Memory): Head {
    const { moof, tfdtOffset } = packet.fragment
    const moofOffset = framing.headerBytes(packet.bytes)
    const length = moofOffset + moof.length
    takeFor(packet, length, memory)
    const bytes = Buffer.allocUnsafe(length)
    framing.writeHeader(bytes, 0, packet.bytes)
    bytes.set(moof, moofOffset)
    writeUint64(viewOf(bytes), moofOffset + tfdtOffset, decodeTime)
    return new Head(bytes, moofOffset, memory)
  }

  /** Another `moof`, for a transport without framing. Throws if it does not fit into the budget. */
  static replaced(packet: Packet, moof: Buffer, memory: Memory): Head {
    takeFor(packet, moof.length, memory)
    return new Head(moof, 0, memory)
  }

  /** Without the transport header. */
  get moof(): Buffer {
    return this.#moofOffset === 0 ? this.bytes : this.bytes.subarray(this.#moofOffset)
  }

  hold(): this {
    this.#holders++
    return this
  }

  drop(): void {
    if (--this.#holders === 0) this.#memory.give(this.bytes.length)
  }
}

/** To take memory may have the hub drop packets: this one is held meanwhile. */
function takeFor(packet: Packet, bytes: number, memory: Memory): void {
  packet.holdPrivately()
  try {
    memory.take(bytes)
  } finally {
    packet.drop()
  }
}
