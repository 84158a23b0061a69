import type { Track } from '../../fmp4/init/init-segment.ts'
import type { Hub } from '../../live/hub.ts'
import type { Packet } from '../../live/memory/ring.ts'
import { HOLD_BACK } from '../playlists/media-playlist.ts'
import { MediaMap } from '../window/media-map.ts'
import { Claim, type Position } from '../window/position.ts'
import { Window } from '../window/window.ts'
import { leadIn } from './lead-in.ts'
import type { Part } from './part.ts'
import { Segmenter } from './segmenter.ts'
import type { Start } from './start.ts'
import { HlsTimeline } from './timeline.ts'
import type { Timing } from './timing.ts'

/** Of sums of durations, in seconds. */
const ROUNDING = 1e-6

export interface RecorderOptions {
  /** How many a playlist lists. */
  readonly segments: number
  /** Where earlier windows of the stream have got to. */
  readonly position: Position
  /** Told where the next window would go on. */
  readonly keep: (position: Position) => void
}

/**
 * Cuts a hub's packets into the segments of a window. Its methods throw `LIVE_BUDGET_EXHAUSTED` where something does not
 * fit into memory; making room may close it in the middle of any of them.
 */
export class Recorder {
  readonly timing: Timing
  readonly window: Window
  readonly #hub: Hub
  readonly #options: RecorderOptions
  readonly #onChange: () => void
  readonly #claim: Claim
  #timeline: HlsTimeline
  #segmenter: Segmenter
  #maps = 0
  #segmentEnded = false
  /** From where on the timeline segments have parts, in seconds. */
  readonly #partsFrom: number
  /** While what was there before is gone through: the wall clock at zero of the timeline. */
  #replayedFrom: number | undefined
  #closed = false

  /** `onChange` is called when the playlists are others. */
  constructor(hub: Hub, { timing, leadIn }: Start, options: RecorderOptions, onChange: () => void) {
    const { position, segments, keep } = options
    this.#hub = hub
    this.#options = options
    this.#onChange = onChange
    this.timing = timing
    this.window = new Window(this.#makeMap(), { segments, position, targetDuration: timing.targetDuration })
    this.#claim = new Claim(timing.segmentSeconds, keep)
    this.#claim.advance(this.window.next)
    this.#partsFrom = position.seconds + lengthOf(leadIn.filter(seconds => !this.#isPart(seconds)))
    this.#timeline = this.#timelineFrom(position.seconds + lengthOf(leadIn))
    this.#segmenter = this.#segmenterFrom(leadIn.length)
  }

  /** Begins with a still picture and the packets that were there before it. */
  begin({ kept, leadIn: pieces, cut }: Start, packets: readonly Packet[]): void {
    const { tracks, budget } = this.#hub.media
    const begin = this.#options.position.seconds
    const first = packets[0]!
    const beginOf = (track: Track) => {
      const next = packets.find(({ fragment }) => fragment.track.index === track.index)
      return this.#timeline.wouldBe(next?.decodeTime ?? this.#hub.media.endOf(track), track, first)
    }
    this.#replayedFrom = Date.now() - (begin + lengthOf(pieces) + kept) * 1000
    for (const part of leadIn(first, tracks, { begin, pieces }, beginOf, budget)) {
      if (this.#closed) part.drop()
      else this.#addStill(part)
    }
    if (!this.#closed) this.window.endSegment()
    for (const packet of packets) this.push(packet)
    this.#replayedFrom = undefined
    if (cut && !this.#closed) this.#segmenter.cut()
  }

  /** Whether there are parts as far back as a player with low latency begins. */
  get reachesHoldBack(): boolean {
    return this.window.next.seconds - this.#partsFrom >= HOLD_BACK * this.timing.partSeconds - ROUNDING
  }

  #addStill(part: Part): void {
    const { open } = this.window
    if (open && open.seconds + part.seconds > this.timing.maxSeconds) this.window.endSegment()
    if (this.#isPart(part.seconds)) this.window.add(part, this.#dateAtEnd(part))
    else this.window.addWhole(part, this.#dateAtEnd(part))
  }

  #isPart(seconds: number): boolean {
    return seconds <= this.timing.partSeconds + ROUNDING
  }

  push(packet: Packet): void {
    if (!this.#closed) this.#segmenter.push(packet)
  }

  /** The hub has let go of what it does not need itself. */
  flush(): void {
    if (this.#segmentEnded) this.window.compact()
    this.#segmentEnded = false
  }

  /** Goes on with other tracks. */
  changeTracks(): void {
    this.#segmenter.cut()
    if (this.#closed) return
    const map = this.#makeMap()
    if (this.#closed) {
      map.drop()
      return
    }
    const { seconds } = this.window.next
    this.window.changeMap(map)
    const { sequence } = this.#segmenter
    this.#segmenter.close()
    this.#timeline = this.#timelineFrom(seconds)
    this.#segmenter = this.#segmenterFrom(sequence)
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#options.keep(this.window.next)
    this.#segmenter.close()
    this.window.close()
  }

  #timelineFrom(seconds: number): HlsTimeline {
    const { primary, tracks } = this.#hub.media
    return new HlsTimeline(primary, tracks.length, seconds, this.timing.frameSeconds)
  }

  #segmenterFrom(sequence: number): Segmenter {
    return new Segmenter(
      this.#hub.media.primary,
      this.timing,
      this.#timeline,
      sequence,
      this.#hub.media.budget,
      {
        part: part => {
          if (this.#closed) return part.drop()
          this.window.add(part, this.#dateAtEnd(part))
          this.#onChange()
        },
        segmentEnd: () => {
          if (this.#closed) return
          this.window.endSegment()
          this.#claim.advance(this.window.next)
          this.#segmentEnded = true
          this.#onChange()
        },
      },
    )
  }

  #dateAtEnd({ start, seconds }: Part): number {
    return this.#replayedFrom === undefined ? Date.now() : this.#replayedFrom + (start + seconds) * 1000
  }

  #makeMap(): MediaMap {
    return new MediaMap(this.#maps++, this.#hub.media.init!, this.#hub.media.budget)
  }
}

function lengthOf(pieces: readonly number[]): number {
  return pieces.reduce((sum, one) => sum + one, 0)
}
