import type { Track } from '../fmp4/init-segment.ts'
import { writeMoof } from '../fmp4/moof-writer.ts'
import type { Memory } from '../fmp4/reader.ts'
import { Framed } from './framed.ts'
import type { Packet } from './packet.ts'
import type { Timeline } from './timeline.ts'

/** One viewer's way along the hub's packets: what of them it is sent, and at which decode times. */
export interface Playback {
  /** The packet as this viewer gets it, held once; undefined if it has no place on the viewer's timeline. */
  wrap(packet: Packet): Framed | undefined
  /** Where a track has got to on the viewer's timeline, in units of its timescale. */
  endOf(track: Track): number
}

/** Hub time less a shift. Nothing is sent that lies before `begin` or before what was already sent of its track. */
export class LivePlayback implements Playback {
  readonly #timeline: Timeline
  readonly #ends: number[]

  /** `ends` is where each track, by index, has got to already. */
  constructor(timeline: Timeline, ends: number[]) {
    this.#timeline = timeline
    this.#ends = ends
  }

  wrap(packet: Packet): Framed | undefined {
    const { track, duration } = packet.fragment
    const time = this.#timeline.timeOf(packet)
    if (time < this.#ends[track.index]!) return undefined
    const framed = this.#timeline.wrap(packet)
    this.#ends[track.index] = time + duration
    return framed
  }

  endOf(track: Track): number {
    return this.#ends[track.index]!
  }
}

/** How long the kept GOP may take on a squeezed timeline, in seconds. */
const SQUEEZED_SECONDS = 0.04

/**
 * The kept GOP for a player that cannot catch up by itself (a plain `<video>`): its pictures follow each other so
 * quickly that the player is near live when it has shown them. Only the primary track is sent.
 */
export class SqueezedPlayback implements Playback {
  readonly #primary: Track
  readonly #memory: Memory
  readonly #scale: number
  #end = 0
  /** The hub time at which the live part goes on. */
  #liveTime = 0

  /** `seconds` is how long the kept GOP really is. */
  constructor(primary: Track, seconds: number, memory: Memory) {
    this.#primary = primary
    this.#memory = memory
    this.#scale = seconds > SQUEEZED_SECONDS ? SQUEEZED_SECONDS / seconds : 1
  }

  wrap(packet: Packet): Framed | undefined {
    const { track, duration } = packet.fragment
    if (track.index !== this.#primary.index) return undefined
    const samples = packet.fragment.samples.map(sample => ({
      ...sample,
      duration: Math.max(1, Math.round(sample.duration * this.#scale)),
      compositionOffset: Math.round(sample.compositionOffset * this.#scale),
    }))
    const moof = writeMoof({ sequence: packet.sequence, trackId: track.id, decodeTime: this.#end, samples })
    const framed = Framed.replaced(packet, moof.bytes, this.#memory)
    for (const sample of samples) this.#end += sample.duration
    this.#liveTime = packet.decodeTime + duration
    return framed
  }

  endOf(track: Track): number {
    return Math.round((this.#end * track.timescale) / this.#primary.timescale)
  }

  /** What to take off hub time so that the live part follows the squeezed one, in units of the primary timescale. */
  get liveShift(): number {
    return this.#liveTime - this.#end
  }
}
