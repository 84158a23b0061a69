import { BudgetExhausted } from '../errors.ts'
import type { Publisher, Viewer } from '../publisher.ts'
import { BlockFill } from './block-fill.ts'
import { Cursor, type CursorOptions } from './cursor.ts'
import type { EndCause, Sink } from './sink.ts'
import { Writer } from './writer.ts'

/** When no write has been done for so long, in milliseconds, newer pictures are worth more to a viewer than those that wait. */
const PATIENCE_MS = 2000

/** At least so many of the largest pictures may be queued for a viewer. */
const BACKLOG_PICTURES = 2

export interface SubscriberOptions extends CursorOptions {
  /** What may be queued but unsent before the viewer is moved on, in bytes. */
  readonly highWaterMark: number
  /** A viewer that takes nothing for so long is let go, in milliseconds. */
  readonly stalledMs: number
  /** Called once, when it is sent its first picture. */
  readonly started?: () => void
}

/** What a subscriber tells those who look after all of them. */
export interface SubscriberEvents {
  /** A write that had to wait is done. */
  drained(subscriber: Subscriber): void
  left(subscriber: Subscriber): void
}

/**
 * One viewer: a cursor into the stream's memory, and at most one write that waits. What it has not taken stays in memory, where
 * it is shared. A viewer that falls behind its high-water mark is moved on to a later keyframe.
 */
export class Subscriber implements Viewer {
  readonly #hub: Publisher
  readonly #cursor: Cursor
  readonly #writer: Writer
  readonly #events: SubscriberEvents
  readonly #options: SubscriberOptions
  #hasPicture = false
  #pumping = false
  #late = false
  #ended = false

  constructor(hub: Publisher, sink: Sink, options: SubscriberOptions, events: SubscriberEvents) {
    this.#hub = hub
    this.#options = options
    this.#events = events
    const blocks = options.plainVideo ? new BlockFill() : undefined
    this.#writer = new Writer(sink, blocks, () => this.#drained())
    this.#cursor = new Cursor(hub, options, () => this.#writer.started())
  }

  get oldest(): number {
    return this.#cursor.oldest
  }

  /** Bytes that this viewer is behind, without its initial burst. */
  get backlog(): number {
    return this.#writer.bytes + this.#cursor.behind
  }

  get queued(): number {
    return this.backlog + this.#writer.burstBytes
  }

  get late(): boolean {
    return this.#late
  }

  /** Sends everything that is there, until a write has to wait. */
  pump(): void {
    this.#late = this.#writer.busy && this.#cursor.hasMore
    if (this.#writer.busy || this.#pumping) return
    this.#pumping = true
    try {
      while (!this.#writer.busy && !this.#ended && this.#writeNext());
    } catch (error) {
      if (!(error instanceof BudgetExhausted)) throw error
    } finally {
      this.#pumping = false
    }
  }

  /** False if there is nothing to write. */
  #writeNext(): boolean {
    const { burst } = this.#cursor
    const outgoing = this.#cursor.next()
    if (this.#ended) outgoing?.release()
    if (this.#ended || !outgoing) return !this.#ended && this.#writer.fillBlock()
    if (!this.#hasPicture && this.#cursor.playing) {
      this.#hasPicture = true
      this.#options.started?.()
    }
    this.#writer.write(outgoing, burst.underWay)
    burst.written()
    return true
  }

  /** Moves it on if the backlog is over the high-water mark. */
  limit(): void {
    if (this.backlog > this.#mostBacklog) this.moveOn()
  }

  moveOn(): void {
    if (!this.#ended) this.#cursor.moveOn(this.#mostOfGop)
  }

  /** Runs `task` when no message is half sent: now, or after the initial burst. Never if the viewer ends first. */
  betweenMessages(task: () => void): void {
    this.#cursor.burst.betweenMessages(task)
  }

  /**
   * Looks after a viewer whose write stalls: what waits in memory is given up as soon as there is a newer GOP, and after longer
   * the viewer is let go. To be called now and then; `now` is in milliseconds.
   */
  checkProgress(now: number): void {
    const stalled = this.#writer.stalledFor(now)
    if (stalled >= this.#options.stalledMs) this.end('stalled')
    else if (stalled >= PATIENCE_MS && !this.#cursor.burst.underWay && this.#cursor.gopAhead(this.#mostOfGop))
      this.moveOn()
  }

  end(cause: EndCause): void {
    if (this.#ended) return
    this.close()
    this.#writer.end(cause)
  }

  /** The viewer has gone. */
  close(): void {
    if (this.#ended) return
    this.#ended = true
    this.#cursor.burst.close()
    this.#writer.close()
    this.#events.left(this)
  }

  /** A GOP that is larger is not sent soon enough. */
  get #mostOfGop(): number {
    return this.#mostBacklog / 2
  }

  /** A picture that is on its way is no backlog by itself, however large. */
  get #mostBacklog(): number {
    return Math.max(this.#options.highWaterMark, BACKLOG_PICTURES * this.#hub.media.largest)
  }

  #drained(): void {
    this.#late = false
    if (!this.#pumping) this.#events.drained(this)
  }
}
