import type { Batch } from './batch.ts'
import { BlockFill } from './block-fill.ts'
import { BudgetExhausted } from './errors.ts'
import type { Framing } from './framing.ts'
import { Handover } from './handover.ts'
import type { Joiner } from './joiner.ts'
import type { Packet } from './packet.ts'
import { LivePlayback, type Playback, SqueezedPlayback } from './playback.ts'
import type { Publisher } from './publisher.ts'
import type { EndCause, Sink } from './sink.ts'
import { Writer } from './writer.ts'

/** When no byte has left for so long, in milliseconds, newer pictures are worth more to a viewer than those that wait. */
const PATIENCE_MS = 2000

/** What a subscriber tells those who look after all of them. */
export interface SubscriberEvents {
  /** It has room again. */
  drained(subscriber: Subscriber): void
  left(subscriber: Subscriber): void
}

export interface SubscriberOptions {
  readonly framing: Framing
  /** It cannot catch up by itself, and reads in blocks: the kept GOP is squeezed, and its blocks are filled up. */
  readonly plainVideo: boolean
  /** What may be queued but unsent before the viewer is skipped forward, in bytes. */
  readonly highWaterMark: number
  /** A viewer that takes nothing for so long is let go, in milliseconds. */
  readonly stalledMs: number
  /** Called once, when it is sent its first picture. */
  readonly started?: () => void
}

/**
 * One viewer: a cursor into the hub's ring, and at most one write under way. What it has not taken yet stays in the
 * ring, where it is shared; a viewer who falls behind its high-water mark is moved on to a later keyframe.
 */
export class Subscriber {
  /** What each write needs comes first: it is fetched from memory anew for each viewer. */
  #pumping = false
  #ended = false
  #late = false
  /** The sequence number of the next packet to send. */
  #next: number
  /** Undefined while waiting for a keyframe. */
  #playback: Playback | undefined
  readonly #handover: Handover
  readonly #joiner: Joiner
  readonly #writer: Writer
  readonly #hub: Publisher
  readonly #events: SubscriberEvents
  readonly #options: SubscriberOptions
  /** Where the hub was at `#next` when this viewer was moved on, in bytes. */
  #position = 0
  /** Where the last playback got to, by track index; undefined before the first. */
  #ends: readonly number[] | undefined
  readonly #blocks: BlockFill | undefined
  #gathering = false

  constructor(hub: Publisher, sink: Sink, options: SubscriberOptions, events: SubscriberEvents) {
    this.#hub = hub
    this.#options = options
    this.#events = events
    this.#blocks = options.plainVideo ? new BlockFill() : undefined
    this.#writer = new Writer(sink, this.#blocks, () => this.#doneWriting())
    this.#handover = new Handover(options.framing)
    this.#joiner = hub.timelines.joiner(options.framing)
    this.#next = hub.gopStart?.sequence ?? hub.ring.next
  }

  /** The oldest packet that this viewer still needs of the ring, by sequence number. */
  get cursor(): number {
    return this.#playback ? this.#next : Number.POSITIVE_INFINITY
  }

  /** Bytes that this viewer is behind, without what it is being handed over. */
  get backlog(): number {
    const writing = this.#writer.bytes - this.#writer.handoverBytes
    if (!this.#playback) return writing
    const from = this.#hub.ring.at(Math.max(this.cursor, this.#handover.end))
    return from ? writing + this.#hub.ring.newest!.end - from.position : writing
  }

  /** A write under way was not done when more came. */
  get late(): boolean {
    return this.#late
  }

  /** Bytes that wait to leave user space for this viewer. */
  get queued(): number {
    return this.backlog + this.#writer.handoverBytes
  }

  /** Sends what is due, until a write has to wait. */
  pump(): void {
    this.#late = this.#writer.busy && this.#next < this.#hub.due
    if (this.#writer.busy || this.#pumping) return
    this.#pumping = true
    try {
      let wrote = true
      while (wrote && !this.#writer.busy && !this.#ended) wrote = this.#writeNext()
    } catch (error) {
      if (!(error instanceof BudgetExhausted)) throw error
    } finally {
      this.#pumping = false
    }
  }

  /** False if there is nothing to write. */
  #writeNext(): boolean {
    if (!this.#playback) this.#begin()
    if (!this.#playback) return this.#writeInit()
    return this.#handover.underWay ? this.#writeHandover() : this.#writeLive()
  }

  /** Skips forward if the backlog is over the high-water mark. */
  limit(): void {
    if (this.backlog > this.#options.highWaterMark) this.skip()
  }

  /** Gives up the backlog: goes on at the kept GOP if that is ahead and short enough, else at the next keyframe. */
  skip(): void {
    if (!this.#playback || this.#ended || this.#gathering) return
    const { ring } = this.#hub
    const end = ring.newest?.end ?? 0
    const ahead = this.#gopAhead()
    const target = ahead?.sequence ?? ring.next
    const from = ring.at(this.#next)?.position ?? end
    const position = ahead?.position ?? end
    this.#ends = this.#playback.ends
    this.#playback = undefined
    this.#hub.skipped()
    this.#hub.dropped(target - this.#next, position - from)
    this.#next = target
    this.#position = position
    this.#handover.end = target
  }

  /** The start of the kept GOP, if that is ahead and short enough to be sent soon. */
  #gopAhead(): Packet | undefined {
    const { ring, gopStart } = this.#hub
    if (!gopStart || gopStart.sequence <= this.#next) return undefined
    return ring.newest!.end - gopStart.position < this.#options.highWaterMark / 2 ? gopStart : undefined
  }

  /** Runs `task` when no message is half sent: now, or after the last piece of the hand-over. Never if it ends first. */
  betweenMessages(task: () => void): void {
    this.#handover.betweenMessages(task)
  }

  /**
   * Looks after a viewer of whose bytes none leaves: what waits for it is given up as soon as there is a newer GOP, and after
   * longer it is let go. To be called now and then; `now` is in milliseconds.
   */
  checkProgress(now: number): void {
    const still = this.#writer.stillFor(now)
    if (still >= this.#options.stalledMs) this.end('stalled')
    else if (still >= PATIENCE_MS && !this.#handover.underWay && this.#gopAhead()) this.skip()
  }

  /** The hub lets the viewer go. */
  end(cause: EndCause): void {
    if (this.#ended) return
    this.close()
    this.#writer.end(cause)
  }

  /** The viewer has gone. */
  close(): void {
    if (this.#ended) return
    this.#ended = true
    this.#handover.close()
    this.#writer.close()
    this.#events.left(this)
  }

  /** Starts, or goes on after a skip, at the kept GOP once that is not before the cursor. */
  #begin(): void {
    const { gopStart: start, primary, tracks, memory, timelines } = this.#hub
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
    this.#options.started?.()
    this.#handover.begin(this.#hub.ring.next)
    this.#playback = plainVideo
      ? new SqueezedPlayback(tracks, primary, this.#keptSamples(start), memory)
      : new LivePlayback(timelines.shared(start.decodeTime, framing))
  }

  /** Of the primary track. */
  #keptSamples(start: Packet): number {
    const { ring, primary } = this.#hub
    let samples = 0
    for (let sequence = start.sequence; sequence < this.#handover.end; sequence++) {
      const { fragment } = ring.at(sequence)!
      if (fragment.track.index === primary.index) samples += fragment.samples.length
    }
    return samples
  }

  /** There is no picture to start with yet: the player can set up its decoder meanwhile. */
  #writeInit(): boolean {
    const { initBytes } = this.#hub
    const chunks = this.#handover.init(initBytes)
    if (!chunks) return false
    this.#writer.write(chunks, undefined, initBytes.length)
    return true
  }

  #writeLive(): boolean {
    const { due } = this.#hub
    if (this.#next >= due) return this.#writer.fillBlock()
    const joined = this.#playback!.joined(this.#joiner, this.#next, due)
    if (joined) {
      this.#next = joined.next
      this.#writer.writeJoined(joined)
      return true
    }
    const batch = this.#take(due)
    if (!batch) return false
    this.#goLive()
    this.#writer.write(batch.chunks, batch, batch.bytes)
    return true
  }

  #writeHandover(): boolean {
    const batch = this.#take(this.#handover.end)
    const last = this.#next >= this.#handover.end
    const { initBytes } = this.#hub
    const { chunks, bytes } = this.#handover.piece(initBytes, batch?.bare ?? [], batch?.bytes ?? 0, last)
    if (last) this.#goLive()
    if (chunks.length > 0) this.#writer.write(chunks, batch, bytes, true)
    if (last) this.#handover.finish()
    return last || batch !== undefined
  }

  /** From a squeezed timeline, once all is sent that belongs on it. */
  #goLive(): void {
    const squeezed = this.#playback
    if (!(squeezed instanceof SqueezedPlayback) || !squeezed.complete) return
    const timeline = this.#hub.timelines.own(squeezed.liveShift, this.#options.framing)
    this.#playback = new LivePlayback(timeline, squeezed.ends)
    this.#blocks?.start(performance.now())
  }

  /** The next packets up to `end`, past those that have no place on the timeline. */
  #take(end: number): Batch | undefined {
    this.#gathering = true
    try {
      let batch = this.#playback!.batch(this.#hub.ring, this.#next, end)
      while (batch && batch.chunks.length === 0) {
        this.#next = batch.next
        batch.drop()
        batch = this.#playback!.batch(this.#hub.ring, this.#next, end)
      }
      if (batch) this.#next = batch.next
      return batch
    } finally {
      this.#gathering = false
    }
  }

  #doneWriting(): void {
    this.#late = false
    if (!this.#pumping) this.#events.drained(this)
  }
}
