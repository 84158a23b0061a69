import type { Track } from '../fmp4/init-segment.ts'
import type { Memory } from '../fmp4/reader.ts'
import type { Batch } from './batch.ts'
import { BlockFill } from './block-fill.ts'
import { BudgetExhausted } from './errors.ts'
import type { Framing } from './framing.ts'
import type { Joined } from './joined.ts'
import type { Joiner } from './joiner.ts'
import type { Packet } from './packet.ts'
import { LivePlayback, type Playback, SqueezedPlayback } from './playback.ts'
import type { Ring } from './ring.ts'
import type { EndCause, Sink } from './sink.ts'
import type { Timeline } from './timeline.ts'

/** When no byte has left for so long, in milliseconds, newer pictures are worth more to a viewer than those that wait. */
const PATIENCE_MS = 2000

/** What a subscriber needs of its hub. */
export interface Publisher {
  readonly ring: Ring
  readonly memory: Memory
  readonly initBytes: Uint8Array
  joiner(framing: Framing): Joiner
  readonly tracks: readonly Track[]
  readonly primary: Track
  /** The first packet of the kept GOP, if one is kept. */
  readonly gopStart: Packet | undefined
  /** A timeline on which the kept GOP starts at 0, shared by all who join in it. */
  sharedTimeline(framing: Framing): Timeline
  /** `shift` is in units of the primary track's timescale. */
  privateTimeline(shift: number, framing: Framing): Timeline
  /** The subscriber has room again. */
  drained(subscriber: Subscriber): void
  /** A viewer is moved on. */
  skipped(): void
  /** So much was left out for one viewer. */
  dropped(packets: number, bytes: number): void
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
  #busy = false
  #pumping = false
  #ended = false
  #late = false
  #message: 'none' | 'to begin' | 'begun' = 'none'
  /** The sequence number of the next packet to send. */
  #next: number
  /** Undefined while waiting for a keyframe. */
  #playback: Playback | undefined
  readonly #joiner: Joiner
  readonly #sink: Sink
  readonly #hub: Publisher
  readonly #written = (): void => this.#doneWriting()
  readonly #options: SubscriberOptions
  /** Where the hub was at `#next` when this viewer was moved on, in bytes. */
  #position = 0
  /** Where the last playback got to, by track index; undefined before the first. */
  #ends: readonly number[] | undefined
  #initSent = false
  readonly #blocks: BlockFill | undefined
  /** Packets before this one belong to the message in which a newcomer is handed the kept GOP; they are no backlog. */
  #handoverEnd = 0
  readonly #afterMessage: (() => void)[] = []
  #writing: Batch | Joined | undefined
  #writingBytes = 0
  #writingHandover = false
  /** How much was unsent at the last look, and since when it is that much. */
  #unsent = 0
  #unsentSince = 0
  #gathering = false

  constructor(hub: Publisher, sink: Sink, options: SubscriberOptions) {
    this.#hub = hub
    this.#sink = sink
    this.#options = options
    this.#blocks = options.plainVideo ? new BlockFill() : undefined
    this.#joiner = hub.joiner(options.framing)
    this.#next = hub.gopStart?.sequence ?? hub.ring.next
  }

  /** The oldest packet that this viewer still needs of the ring, by sequence number. */
  get cursor(): number {
    return this.#playback ? this.#next : Number.POSITIVE_INFINITY
  }

  /** Bytes that this viewer is behind, without what it is being handed over. */
  get backlog(): number {
    const writing = this.#writingHandover ? 0 : this.#writingBytes
    if (!this.#playback) return writing
    const from = this.#hub.ring.at(Math.max(this.#next, this.#handoverEnd))
    return from ? writing + this.#hub.ring.newest!.end - from.position : writing
  }

  /** A write under way was not done when more came. */
  get late(): boolean {
    return this.#late
  }

  /** Bytes that wait to leave user space for this viewer. */
  get queued(): number {
    return this.backlog + (this.#writingHandover ? this.#writingBytes : 0)
  }

  /** Sends what there is to send, until a write has to wait. */
  pump(): void {
    this.#late = this.#busy
    if (this.#busy || this.#pumping) return
    this.#pumping = true
    try {
      let wrote = true
      while (wrote && !this.#busy && !this.#ended) wrote = this.#writeNext()
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
    return this.#message === 'none' ? this.#writeLive() : this.#writeHandover()
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
    this.#handoverEnd = target
  }

  /** The start of the kept GOP, if that is ahead and short enough to be sent soon. */
  #gopAhead(): Packet | undefined {
    const { ring, gopStart } = this.#hub
    if (!gopStart || gopStart.sequence <= this.#next) return undefined
    return ring.newest!.end - gopStart.position < this.#options.highWaterMark / 2 ? gopStart : undefined
  }

  /** Runs `task` when no message is half sent: now, or after the last piece of the hand-over. Never if it ends first. */
  betweenMessages(task: () => void): void {
    if (this.#message === 'begun') this.#afterMessage.push(task)
    else task()
  }

  /**
   * Looks after a viewer of whose bytes none leaves: what waits for it is given up as soon as there is a newer GOP, and after
   * longer it is let go. To be called now and then; `now` is in milliseconds.
   */
  checkProgress(now: number): void {
    const { queued } = this.#sink
    if (!this.#busy || queued !== this.#unsent) {
      this.#unsent = this.#busy ? queued : -1
      this.#unsentSince = now
      return
    }
    const still = now - this.#unsentSince
    if (still >= this.#options.stalledMs) this.end('stalled')
    else if (still >= PATIENCE_MS && this.#message === 'none' && this.#gopAhead()) this.skip()
  }

  /** The hub lets the viewer go. */
  end(cause: EndCause): void {
    if (this.#ended) return
    this.close()
    this.#sink.end(cause)
  }

  /** The viewer has gone. */
  close(): void {
    if (this.#ended) return
    this.#ended = true
    this.#afterMessage.length = 0
    this.#release()
    this.#hub.left(this)
  }

  /** Starts, or goes on after a skip, at the kept GOP once that is not before the cursor. */
  #begin(): void {
    const { gopStart: start, primary, tracks, memory } = this.#hub
    if (!start || start.sequence < this.#next) return
    const { framing, plainVideo } = this.#options
    const missed = start.sequence - this.#next
    this.#next = start.sequence
    if (this.#ends) {
      this.#hub.dropped(missed, start.position - this.#position)
      const shift = start.decodeTime - this.#ends[primary.index]!
      this.#playback = new LivePlayback(this.#hub.privateTimeline(shift, framing), this.#ends)
      return
    }
    this.#message = 'to begin'
    this.#options.started?.()
    this.#handoverEnd = this.#hub.ring.next
    this.#playback = plainVideo
      ? new SqueezedPlayback(tracks, primary, this.#keptSamples(start), memory)
      : new LivePlayback(this.#hub.sharedTimeline(framing))
  }

  /** Of the primary track. */
  #keptSamples(start: Packet): number {
    const { ring, primary } = this.#hub
    let samples = 0
    for (let sequence = start.sequence; sequence < this.#handoverEnd; sequence++) {
      const { fragment } = ring.at(sequence)!
      if (fragment.track.index === primary.index) samples += fragment.samples.length
    }
    return samples
  }

  /** There is no picture to start with yet: the player can set up its decoder meanwhile. */
  #writeInit(): boolean {
    if (this.#initSent) return false
    this.#initSent = true
    const bytes = this.#hub.initBytes
    const header = this.#options.framing.piece(bytes.length, true, true)
    this.#write(header ? [header, bytes] : [bytes], undefined, bytes.length)
    return true
  }

  #writeLive(): boolean {
    const { ring } = this.#hub
    if (this.#next === ring.next) return this.#fillBlock()
    const joined = this.#playback!.joined(this.#joiner, this.#next)
    if (joined) {
      this.#next = joined.next
      this.#blocks?.sent(joined.bytes.length, performance.now())
      if (!this.#sink.writeOne(joined.bytes, this.#written))
        this.#wait(joined.hold(), joined.bytes.length, false)
      return true
    }
    const batch = this.#take(Number.POSITIVE_INFINITY)
    if (!batch) return false
    this.#goLive()
    this.#write(batch.chunks, batch, batch.bytes)
    return true
  }

  /** Only behind the newest picture: more would fill the block as well. */
  #fillBlock(): boolean {
    const filling = this.#blocks?.due(performance.now())
    if (!filling) return false
    const [header, content] = filling
    if (!this.#sink.write(filling, this.#written))
      this.#wait(undefined, header.length + content.length, false)
    return true
  }

  /** The init segment and the kept GOP: one message, in as many writes as it takes. */
  #writeHandover(): boolean {
    const { framing } = this.#options
    const batch = this.#take(this.#handoverEnd)
    const init = this.#initSent ? [] : [this.#hub.initBytes]
    this.#initSent = true
    const bytes = (init[0]?.length ?? 0) + (batch?.bytes ?? 0)
    const last = this.#next >= this.#handoverEnd
    const header = framing.piece(bytes, this.#message === 'to begin', last)
    const chunks = [...(header ? [header] : []), ...init, ...(batch?.bare ?? [])]
    this.#message = last ? 'none' : 'begun'
    if (last) this.#goLive()
    if (chunks.length > 0) this.#write(chunks, batch, bytes, true)
    if (last) for (const task of this.#afterMessage.splice(0)) task()
    return last || batch !== undefined
  }

  /** From a squeezed timeline, once all is sent that belongs on it. */
  #goLive(): void {
    const squeezed = this.#playback
    if (!(squeezed instanceof SqueezedPlayback) || !squeezed.complete) return
    const timeline = this.#hub.privateTimeline(squeezed.liveShift, this.#options.framing)
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

  #write(chunks: readonly Uint8Array[], batch: Batch | undefined, bytes: number, handover = false): void {
    this.#blocks?.sent(bytes, performance.now())
    if (this.#sink.write(chunks, this.#written)) batch?.drop()
    else this.#wait(batch, bytes, handover)
  }

  #wait(writing: Batch | Joined | undefined, bytes: number, handover: boolean): void {
    this.#busy = true
    this.#writing = writing
    this.#writingBytes = bytes
    this.#writingHandover = handover
  }

  #doneWriting(): void {
    if (this.#ended) return
    this.#release()
    this.#busy = this.#late = false
    if (!this.#pumping) this.#hub.drained(this)
  }

  #release(): void {
    this.#writing?.drop()
    this.#writing = undefined
    this.#writingBytes = 0
  }
}
