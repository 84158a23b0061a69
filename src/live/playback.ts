import type { Track } from '../fmp4/init-segment.ts'
import { writeMoof } from '../fmp4/moof-writer.ts'
import type { Memory } from '../fmp4/reader.ts'
import { type Batch, gather } from './batch.ts'
import { Framed } from './framed.ts'
import type { Joined } from './joined.ts'
import type { Joiner } from './joiner.ts'
import type { Packet } from './packet.ts'
import type { Ring } from './ring.ts'
import type { Timeline } from './timeline.ts'

/** One viewer's way along the hub's packets: what of them it is sent, and at which decode times. */
export interface Playback {
  /** The packets from `from` up to `end` as this viewer gets them, for one write, held once; undefined if there are none. */
  batch(ring: Ring, from: number, end: number): Batch | undefined
  /** The same in one stretch of bytes, good until the next call; undefined where they need a batch. */
  joined(joiner: Joiner, from: number, end: number): Joined | undefined
  /** Where each track has got to on the viewer's timeline, by track index, in units of its timescale. */
  readonly ends: readonly number[]
}

/** Hub time less a shift. */
export class LivePlayback implements Playback {
  readonly #timeline: Timeline
  readonly #ends: number[]

  /** Nothing is sent that lies before `ends`. */
  constructor(timeline: Timeline, ends: readonly number[] = timeline.origin) {
    this.#timeline = timeline
    this.#ends = [...ends]
  }

  batch(ring: Ring, from: number, end: number): Batch | undefined {
    const batch = this.#timeline.batch(ring, from, end, this.#ends)
    if (batch) for (let track = 0; track < this.#ends.length; track++) this.#ends[track] = batch.ends[track]!
    return batch
  }

  joined(joiner: Joiner, from: number, end: number): Joined | undefined {
    return joiner.from(from, end, this.#timeline.shifts, this.#ends)
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
  /** The hub time at which the live part goes on. */
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

  batch(ring: Ring, from: number, end: number): Batch | undefined {
    return gather(ring, from, end, [], packet => this.#wrap(packet))
  }

  joined(): undefined {}

  get ends(): readonly number[] {
    return this.#tracks.map(({ timescale }) => Math.round((this.#end * timescale) / this.#primary.timescale))
  }

  /** What to take off hub time so that the live part follows the squeezed one, in units of the primary timescale. */
  get liveShift(): number {
    return this.#liveTime - this.#end
  }

  #wrap(packet: Packet): Framed | undefined {
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
    this.#missing -= samples.length
    this.#liveTime = packet.decodeTime + duration
    return framed
  }
}
