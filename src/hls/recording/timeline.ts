import type { Track } from '../../fmp4/init/init-segment.ts'
import type { Packet } from '../../live/memory/ring.ts'

/**
 * Decode times as segments carry them. The primary track is moved so that it starts where it is told to and goes on
 * without holes, so that segments tile the timeline; the other tracks are moved with it.
 */
export class HlsTimeline {
  readonly #primary: Track
  readonly #frame: number
  readonly #ends: number[]
  /** In units of the primary timescale; unknown until its first packet. */
  #shift: number | undefined
  /** What was added to the primary track's durations, in units of its timescale. */
  #stretched = 0

  /** `start` and `frame`, the duration of a usual sample of the primary track, are in seconds. */
  constructor(primary: Track, tracks: number, start: number, frame = 0) {
    this.#primary = primary
    this.#frame = Math.round(frame * primary.timescale)
    this.#ends = Array.from({ length: tracks }, () => 0)
    this.#ends[primary.index] = Math.round(start * primary.timescale)
  }

  /** Where a track has got to, in units of its timescale. */
  endOf(track: Track): number {
    return this.#ends[track.index]!
  }

  /**
   * How long a packet lasts here, in units of its track's timescale. The first keyframe after a connect claims about
   * a millisecond (go2rtc does not know better yet): it gets the usual duration.
   */
  durationOf({ startsGop, fragment: { track, duration } }: Packet): number {
    const claimsNothing = startsGop && track.index === this.#primary.index && duration * 4 < this.#frame
    return claimsNothing ? this.#frame : duration
  }

  /** What becomes of a hub time of a track if `first` is the first packet to be placed; both in units of the track. */
  wouldBe(hubTime: number, track: Track, first: Packet): number {
    const shift = first.decodeTime - this.#ends[this.#primary.index]!
    return hubTime - this.#scale(shift, track)
  }

  /** The decode time of a packet in units of its track's timescale; undefined if it has no place. */
  place(packet: Packet): number | undefined {
    const { track, duration } = packet.fragment
    const end = this.#ends[track.index]!
    if (track.index === this.#primary.index) {
      const lasts = this.durationOf(packet)
      this.#shift = packet.decodeTime - end + this.#stretched
      this.#stretched += lasts - duration
      this.#ends[track.index] = end + lasts
      return end
    }
    if (this.#shift === undefined) return undefined
    const time = packet.decodeTime - this.#scale(this.#shift, track)
    if (time < end) return undefined
    this.#ends[track.index] = time + duration
    return time
  }

  #scale(ticks: number, { timescale }: Track): number {
    return Math.round((ticks * timescale) / this.#primary.timescale)
  }
}
