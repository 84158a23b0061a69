import type { Packet } from './packet.ts'

/** The packets that a hub holds, oldest first, addressed by sequence number. */
export class Ring {
  #packets: Packet[] = []
  /** Index of the oldest: what is before it is let go and waits to be cut off in one go. */
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

  /** Lets go of every packet before `sequence`. */
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
