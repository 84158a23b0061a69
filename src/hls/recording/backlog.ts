import type { Packet } from '../../live/memory/ring.ts'

/** Packets from a keyframe on, held until it is known how to go on with them. */
export class Backlog {
  #packets: Packet[] = []

  get packets(): readonly Packet[] {
    return this.#packets
  }

  push(packet: Packet): void {
    if (this.#packets.length === 0 && !packet.startsGop) return
    packet.holdPrivately()
    this.#packets.push(packet)
  }

  clear(): void {
    for (const packet of this.#packets) packet.drop()
    this.#packets = []
  }
}
