import type { Packet } from './ring.ts'

/** Without video every packet can start a decoder; a GOP is then cut about once a second. */
const AUDIO_GOP_SECONDS = 1

/** The current GOP of a hub: from where a newcomer's first picture comes. */
export class Gop {
  /** Its first packet, while the GOP is kept. */
  start: Packet | undefined
  /** True once a GOP was given up because it did not fit, until one fits again. */
  tooLarge = false
  /** Length of the last complete GOP in seconds. */
  lastSeconds: number | undefined
  #startTime: number | undefined
  #packets = 0

  /** True if a sync sample at `decodeTime` (of a track with `timescale`) begins a GOP. */
  begins(isVideo: boolean, decodeTime: number, timescale: number): boolean {
    if (isVideo || this.#startTime === undefined) return true
    return decodeTime - this.#startTime >= AUDIO_GOP_SECONDS * timescale
  }

  begin(packet: Packet): void {
    const { timescale } = packet.fragment.track
    if (this.#startTime !== undefined) this.lastSeconds = (packet.decodeTime - this.#startTime) / timescale
    if (this.start && this.#packets > 0) this.tooLarge = false
    this.start = packet
    this.#startTime = packet.decodeTime
    this.#packets = 0
  }

  extend(): void {
    this.#packets++
  }

  /** Newcomers wait for the next keyframe. */
  giveUp(tooLarge: boolean): void {
    if (!this.start) return
    this.start = undefined
    this.tooLarge = tooLarge
  }

  clear(): void {
    this.start = undefined
    this.#startTime = undefined
  }
}
