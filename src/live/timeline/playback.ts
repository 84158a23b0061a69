import { writeMoof } from '../../fmp4/fragments/moof-writer.ts'
import type { Memory } from '../../fmp4/fragments/reader.ts'
import type { Track } from '../../fmp4/init/init-segment.ts'
import type { MakeHead } from './catch-up.ts'
import { Head } from './head.ts'
import type { SharedWrite } from './shared-write.ts'
import type { SharedWrites } from './shared-writes.ts'
import type { Timeline } from './timelines.ts'

/** What of a stream one viewer is sent, and at which decode times. */
export interface Playback {
  /** Where each track has got to on the viewer's timeline, by track index, in units of its timescale. */
  readonly ends: readonly number[]
  readonly headOf: MakeHead
  /** Takes over where each track has got to with what has been gathered. */
  gathered(ends: number[]): void
  /** The write that comes next for a viewer at packet `from`; undefined if it cannot be shared. */
  shared(writes: SharedWrites, from: number): SharedWrite | undefined
}

/** All packets, at the decode times of a timeline. */
export class LivePlayback implements Playback {
  readonly headOf: MakeHead
  readonly #timeline: Timeline
  #ends: number[]

  /** Nothing is sent that lies before `ends`. */
  constructor(timeline: Timeline, ends: readonly number[] = timeline.origin) {
    this.#timeline = timeline
    this.headOf = timeline.headOf
    this.#ends = [...ends]
  }

  gathered(ends: number[]): void {
    this.#ends = ends
  }

  shared(writes: SharedWrites, from: number): SharedWrite | undefined {
    return writes.at(from, this.#timeline.shifts, this.#ends)
  }

  get ends(): readonly number[] {
    return this.#ends
  }
}

/**
 * How many pictures' time the squeezed ones may take. A player that has less in hand when it starts runs dry between two
 * pictures of a slow camera, and waits for several.
 */
const SQUEEZED_PICTURES = 1.5
/**
 * Chromium's demuxer looks at the times of so many pictures before it starts to play (FFmpeg's libavformat/demux.c,
 * `fps_analyze_framecount`): those that it waits for are backlog by then.
 */
const PICTURES_TO_START = 21

/**
 * The kept GOP, and as many pictures as the player needs to start, for one that cannot catch up by itself (a plain
 * `<video>`): they follow each other so quickly that it is near live when it has shown them. Only the primary track is sent.
 */
export class SqueezedPlayback implements Playback {
  readonly #tracks: readonly Track[]
  readonly #primary: Track
  readonly #memory: Memory
  readonly #scale: number
  #end = 0
  /** The decode time at which the live part goes on. */
  #liveTime = 0
  #missing: number

  /** `kept` is how many samples of the primary track the kept GOP has. */
  constructor(tracks: readonly Track[], primary: Track, kept: number, memory: Memory) {
    this.#tracks = tracks
    this.#primary = primary
    this.#memory = memory
    this.#missing = primary.kind === 'video' ? PICTURES_TO_START : 0
    this.#scale = Math.min(1, SQUEEZED_PICTURES / Math.max(kept, this.#missing))
  }

  /** The player can start: what comes is live. */
  get complete(): boolean {
    return this.#missing <= 0
  }

  gathered(): void {}

  shared(): undefined {}

  get ends(): readonly number[] {
    return this.#tracks.map(({ timescale }) => Math.round((this.#end * timescale) / this.#primary.timescale))
  }

  /** What to take off decode times so that the live part follows the squeezed one, in units of the primary timescale. */
  get liveShift(): number {
    return this.#liveTime - this.#end
  }

  readonly headOf: MakeHead = packet => {
    const { track, duration } = packet.fragment
    if (track.index !== this.#primary.index) return undefined
    const samples = packet.fragment.samples.map(sample => ({
      ...sample,
      duration: Math.max(1, Math.round(sample.duration * this.#scale)),
      compositionOffset: Math.round(sample.compositionOffset * this.#scale),
    }))
    const moof = writeMoof({ sequence: packet.sequence, trackId: track.id, decodeTime: this.#end, samples })
    const head = Head.replaced(packet, moof.bytes, this.#memory)
    for (const sample of samples) this.#end += sample.duration
    this.#missing -= samples.length
    this.#liveTime = packet.decodeTime + duration
    return head
  }
}
