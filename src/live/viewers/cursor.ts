import type { Packet } from '../memory/ring.ts'
import type { Publisher } from '../publisher.ts'
import { CatchUp, type Gathered, gather, type Outgoing } from '../timeline/catch-up.ts'
import type { Framing } from '../timeline/framing.ts'
import { LivePlayback, type Playback, SqueezedPlayback } from '../timeline/playback.ts'
import type { SharedWrites } from '../timeline/shared-writes.ts'
import { InitialBurst } from './initial-burst.ts'

export interface CursorOptions {
  readonly framing: Framing
  /** The player cannot catch up by itself: the kept GOP is squeezed. */
  readonly plainVideo: boolean
}

/**
 * A viewer's place in the stream. It says what is sent next, and in which of two ways: those who have received everything before a
 * flush share its writes; everybody else is sent packets where they lie in memory, newcomers as an initial burst.
 */
export class Cursor {
  readonly burst: InitialBurst
  readonly #hub: Publisher
  readonly #options: CursorOptions
  readonly #sharedWrites: SharedWrites
  readonly #started: () => void
  /** The sequence number of the next packet to send. */
  #next: number
  /** Undefined while waiting for a keyframe. */
  #playback: Playback | undefined
  /** Where the stream was at `#next` when the viewer was moved on, in bytes. */
  #position = 0
  /** Where the last playback got to, by track index; undefined before the first. */
  #ends: readonly number[] | undefined
  #gathering = false

  /** `started` is called when the live part begins behind the pictures that a player needs to start. */
  constructor(hub: Publisher, options: CursorOptions, started: () => void) {
    const { media } = hub
    this.#hub = hub
    this.#options = options
    this.#started = started
    this.burst = new InitialBurst(options.framing)
    this.#sharedWrites = media.timelines.sharedWrites(options.framing)
    this.#next = media.gop.start?.sequence ?? media.ring.next
  }

  /** Has been sent a picture, and does not wait for another keyframe. */
  get playing(): boolean {
    return this.#playback !== undefined
  }

  /** The oldest packet that is still needed, by sequence number; infinite while waiting for a keyframe. */
  get oldest(): number {
    return this.#playback ? this.#next : Number.POSITIVE_INFINITY
  }

  /** More has come than has been sent, or given up. */
  get hasMore(): boolean {
    return this.#next < this.#hub.media.ring.next
  }

  /** Bytes in memory that are still to be sent, without the initial burst. */
  get behind(): number {
    const { ring } = this.#hub.media
    const from = this.#playback && ring.at(Math.max(this.#next, this.burst.end))
    return from ? ring.newest!.end - from.position : 0
  }

  /** What to send next, to be released by the caller; undefined if there is nothing. */
  next(): Outgoing | undefined {
    if (!this.#playback) this.#begin()
    if (!this.#playback) return this.burst.init(this.#hub.media.init!.bytes)
    if (this.burst.underWay) return this.#burstPiece()
    if (!this.hasMore) return undefined
    const shared = this.#playback.shared(this.#sharedWrites, this.#next)
    if (!shared) return this.#catchUp()
    this.#next = shared.next
    return shared
  }

  /** Gives up what has not been sent: goes on at the kept GOP if that is ahead and below `mostBytes`, else at the next keyframe. */
  moveOn(mostBytes: number): void {
    if (!this.#playback || this.#gathering) return
    const { ring } = this.#hub.media
    const end = ring.newest?.end ?? 0
    const ahead = this.gopAhead(mostBytes)
    const target = ahead?.sequence ?? ring.next
    const from = ring.at(this.#next)?.position ?? end
    const position = ahead?.position ?? end
    this.#ends = this.#playback.ends
    this.#playback = undefined
    this.#hub.skipped()
    this.#hub.dropped(target - this.#next, position - from)
    this.#next = target
    this.#position = position
    this.burst.end = target
  }

  /** The start of the kept GOP, if that is ahead and below `mostBytes`. */
  gopAhead(mostBytes: number): Packet | undefined {
    const { ring, gop } = this.#hub.media
    if (!gop.start || gop.start.sequence <= this.#next) return undefined
    return ring.newest!.end - gop.start.position < mostBytes ? gop.start : undefined
  }

  /** Starts, or goes on, at the kept GOP once that is not before the cursor. */
  #begin(): void {
    const { gop, primary, tracks, budget, timelines, ring } = this.#hub.media
    const { start } = gop
    if (!start || start.sequence < this.#next) return
    const { framing, plainVideo } = this.#options
    const missed = start.sequence - this.#next
    this.#next = start.sequence
    if (this.#ends) {
      this.#hub.dropped(missed, start.position - this.#position)
      const shift = start.decodeTime - this.#ends[primary.index]!
      this.#playback = new LivePlayback(timelines.own(shift, framing), this.#ends)
      return
    }
    this.burst.begin(ring.next)
    this.#playback = plainVideo
      ? new SqueezedPlayback(tracks, primary, this.#keptSamples(start), budget)
      : new LivePlayback(timelines.newest(start.decodeTime, framing))
  }

  /** Of the primary track. */
  #keptSamples(start: Packet): number {
    const { ring, primary } = this.#hub.media
    let samples = 0
    for (let sequence = start.sequence; sequence < this.burst.end; sequence++) {
      const { fragment } = ring.at(sequence)!
      if (fragment.track.index === primary.index) samples += fragment.samples.length
    }
    return samples
  }

  #burstPiece(): Outgoing {
    const media = this.#gather(this.burst.end, false) ?? new CatchUp()
    return this.burst.piece(this.#hub.media.init!.bytes, media, this.#next >= this.burst.end)
  }

  #catchUp(): Outgoing | undefined {
    return this.#gather(this.#hub.media.ring.next, true)
  }

  /** The next packets up to `end`, past those that have no place on the timeline. */
  #gather(end: number, withHeader: boolean): CatchUp | undefined {
    const playback = this.#playback!
    this.#gathering = true
    let gathered: Gathered
    try {
      gathered = gather(this.#hub.media.ring, this.#next, end, playback.ends, playback.headOf, withHeader)
    } finally {
      this.#gathering = false
    }
    this.#next = gathered.next
    playback.gathered(gathered.ends)
    if (playback instanceof SqueezedPlayback && playback.complete) this.#goLive(playback)
    return gathered.write.bytes > 0 ? gathered.write : undefined
  }

  /** From a squeezed playback, once everything has been gathered that belongs on it. */
  #goLive(squeezed: SqueezedPlayback): void {
    if (this.#next < this.burst.end) return
    const timeline = this.#hub.media.timelines.own(squeezed.liveShift, this.#options.framing)
    this.#playback = new LivePlayback(timeline, squeezed.ends)
    this.#started()
  }
}
