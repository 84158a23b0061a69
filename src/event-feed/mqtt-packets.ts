import { MqttPacketTooLarge } from './errors.ts'

/** Above a message of an event, with what is about it. */
const MOST_BYTES = 512 * 1024
const MOST_LENGTH_BYTES = 4

/**
 * Reads along how long the packets of a broker are (MQTT 3.1.1, 2.2.3), through chunks that are split anywhere: the package collects a packet of up
 * to 256 MB before it looks at it. Throws `MQTT_PACKET_TOO_LARGE` at the header of one that is too large.
 */
export class MqttPackets {
  /** Of the current packet, behind its header. */
  #left = 0
  /** Of the Remaining Length so far; undefined before the header's first byte has come. */
  #length: number | undefined
  #lengthBytes = 0

  push(chunk: Uint8Array): void {
    for (let at = 0; at < chunk.length; ) {
      if (this.#left > 0) {
        const rest = Math.min(this.#left, chunk.length - at)
        this.#left -= rest
        at += rest
      } else this.#readHeader(chunk[at++]!)
    }
  }

  #readHeader(byte: number): void {
    if (this.#length === undefined) {
      this.#length = 0
      this.#lengthBytes = 0
      return
    }
    this.#length += (byte & 0x7f) * 128 ** this.#lengthBytes++
    const goesOn = byte >= 0x80
    if (this.#length > MOST_BYTES || (goesOn && this.#lengthBytes === MOST_LENGTH_BYTES))
      throw new MqttPacketTooLarge(MOST_BYTES)
    if (goesOn) return
    this.#left = this.#length
    this.#length = undefined
  }
}
