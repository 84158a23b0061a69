import type { Track } from '../fmp4/init-segment.ts'
import type { Memory } from '../fmp4/reader.ts'
import { BudgetExhausted } from './errors.ts'
import type { Framed } from './framed.ts'
import type { Framing } from './framing.ts'
import type { Packet } from './packet.ts'
import { LivePlayback, type Playback, SqueezedPlayback } from './playback.ts'
import type { Ring } from './ring.ts'
import type { EndCause, Sink } from './sink.ts'
import type { Timeline } from './timeline.ts'

/** What a subscriber needs of its hub. */
export interface Publisher {
  readonly ring: Ring
  readonly memory: Memory
  readonly initBytes: Uint8Array
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
  /** Hand over the kept GOP squeezed, for a player that cannot catch up by itself. */
  readonly squeeze: boolean
  /** What may be queued but unsent before the viewer is skipped forward, in bytes. */
  readonly highWaterMark: number
}

/** One write takes about as much: enough for few system calls, little enough that a stalled viewer holds little. */
const WRITE_BYTES = 64 * 1024

/**
 * One viewer: a cursor into the hub's ring, and at most one write under way. What it has not taken yet stays in the
 * ring, where it is shared; a viewer who falls behind its high-water mark is moved on to a later keyframe.
 */
export class Subscriber {
  readonly #hub: Publisher
  readonly #sink: Sink
  readonly #options: SubscriberOptions
  /** The sequence number of the next packet to send. */
  #next: number
  /** Where the hub was at `#next` when this viewer was moved on, in bytes. */
  #position = 0
  /** Undefined while waiting for a keyframe. */
  #playback: Playback | undefined
  /** Where the last playback got to, by track index; undefined before the first. */
  #ends: number[] | undefined
  #initSent = false
  /** Packets before this one belong to the message in which a newcomer is handed the kept GOP; they are no backlog. */
  #handoverEnd = 0
  #message: 'none' | 'to begin' | 'begun' = 'none'
  readonly #afterMessage: (() => void)[] = []
  #writing: readonly Framed[] = []
  #writingBytes = 0
  #writingHandover = false
  #busy = false
  #late = false
  #gathering = false
  #ended = false

  constructor(hub: Publisher, sink: Sink, options: SubscriberOptions) {
    this.#hub = hub
    this.#sink = sink
    this.#options = options
    this.#next = hub.gopStart?.sequence ?? this.#headSequence()
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

  /** Sends what there is to send, in one write. */
  pump(): void {
    this.#late = this.#busy
    if (this.#busy || this.#ended) return
    try {
      if (!this.#playback) this.#begin()
      if (!this.#playback) this.#writeInit()
      else if (this.#message === 'none') this.#writeLive()
      else this.#writeHandover()
    } catch (error) {
      if (!(error instanceof BudgetExhausted)) throw error
    }
  }

  /** Skips forward if the backlog is over the high-water mark. */
  limit(): void {
    if (this.backlog > this.#options.highWaterMark) this.skip()
  }

  /** Gives up the backlog: goes on at the kept GOP if that is ahead and short enough, else at the next keyframe. */
  skip(): void {
    if (!this.#playback || this.#ended || this.#gathering) return
    const { ring, gopStart, tracks } = this.#hub
    const end = ring.newest?.end ?? 0
    const near =
      gopStart && gopStart.sequence > this.#next && end - gopStart.position < this.#options.highWaterMark / 2
    const target = near ? gopStart.sequence : this.#headSequence()
    const from = ring.at(this.#next)?.position ?? end
    const position = near ? gopStart.position : end
    this.#ends = tracks.map(track => this.#playback!.endOf(track))
    this.#playback = undefined
    this.#hub.skipped()
    this.#hub.dropped(target - this.#next, position - from)
    this.#next = target
    this.#position = position
    this.#handoverEnd = target
  }

  /** Runs `task` when no message is half sent: now, or after the last piece of the hand-over. Never if it ends first. */
  betweenMessages(task: () => void): void {
    if (this.#message === 'begun') this.#afterMessage.push(task)
    else task()
  }

  /** The sink has seen no byte leave for too long. */
  stalled(): void {
    if (this.#busy) this.end('stalled')
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

  #headSequence(): number {
    const newest = this.#hub.ring.newest
    return newest ? newest.sequence + 1 : 0
  }

  /** Starts, or goes on after a skip, at the kept GOP once that is not before the cursor. */
  #begin(): void {
    const { gopStart: start, primary, tracks, memory } = this.#hub
    if (!start || start.sequence < this.#next) return
    const { framing, squeeze } = this.#options
    const missed = start.sequence - this.#next
    this.#next = start.sequence
    if (this.#ends) {
      this.#hub.dropped(missed, start.position - this.#position)
      const shift = start.decodeTime - this.#ends[primary.index]!
      this.#playback = new LivePlayback(this.#hub.privateTimeline(shift, framing), this.#ends)
      return
    }
    this.#message = 'to begin'
    this.#handoverEnd = this.#headSequence()
    this.#playback = squeeze
      ? new SqueezedPlayback(primary, this.#secondsSince(start), memory)
      : new LivePlayback(
          this.#hub.sharedTimeline(framing),
          tracks.map(() => 0),
        )
  }

  #secondsSince(start: Packet): number {
    const { ring, primary } = this.#hub
    let last = start
    for (let sequence = start.sequence; sequence < this.#handoverEnd; sequence++) {
      const packet = ring.at(sequence)!
      if (packet.fragment.track.index === primary.index) last = packet
    }
    return (last.decodeTime + last.fragment.duration - start.decodeTime) / primary.timescale
  }

  /** There is no picture to start with yet: the player can set up its decoder meanwhile. */
  #writeInit(): void {
    if (this.#initSent) return
    this.#initSent = true
    const bytes = this.#hub.initBytes
    const header = this.#options.framing.piece(bytes.length, true, true)
    this.#write(header ? [header, bytes] : [bytes], [], bytes.length)
  }

  #writeLive(): void {
    const chunks: Uint8Array[] = []
    let bytes = 0
    const framed = this.#gather(Number.POSITIVE_INFINITY, one => {
      chunks.push(one.head, one.packet.fragment.mdat)
      bytes += one.bytes
    })
    if (chunks.length > 0) this.#write(chunks, framed, bytes)
  }

  /** The init segment and the kept GOP: one message, in as many writes as it takes. */
  #writeHandover(): void {
    const chunks: Uint8Array[] = []
    let bytes = 0
    if (!this.#initSent) {
      chunks.push(this.#hub.initBytes)
      bytes += this.#hub.initBytes.length
    }
    const framed = this.#gather(this.#handoverEnd, one => {
      chunks.push(one.moof, one.packet.fragment.mdat)
      bytes += one.bytes
    })
    this.#initSent = true
    const last = this.#next >= this.#handoverEnd
    const header = this.#options.framing.piece(bytes, this.#message === 'to begin', last)
    if (header) chunks.unshift(header)
    this.#message = last ? 'none' : 'begun'
    if (last && this.#playback instanceof SqueezedPlayback) this.#goLive(this.#playback)
    if (chunks.length > 0) {
      this.#write(chunks, framed, bytes)
      this.#writingHandover = true
    } else this.#writeLive()
    if (last) for (const task of this.#afterMessage.splice(0)) task()
  }

  #goLive(squeezed: SqueezedPlayback): void {
    const timeline = this.#hub.privateTimeline(squeezed.liveShift, this.#options.framing)
    this.#playback = new LivePlayback(
      timeline,
      this.#hub.tracks.map(track => squeezed.endOf(track)),
    )
  }

  /** Wraps packets up to `end` for one write, past those that have no place on the timeline. */
  #gather(end: number, take: (framed: Framed) => void): Framed[] {
    const framed: Framed[] = []
    let bytes = 0
    this.#gathering = true
    try {
      while (this.#next < end && bytes < WRITE_BYTES) {
        const packet = this.#hub.ring.at(this.#next)
        if (!packet) break
        const one = this.#playback!.wrap(packet)
        this.#next++
        if (!one) continue
        framed.push(one)
        take(one)
        bytes += one.bytes
      }
    } catch (error) {
      if (framed.length === 0 || !(error instanceof BudgetExhausted)) throw error
    } finally {
      this.#gathering = false
    }
    return framed
  }

  #write(chunks: readonly Uint8Array[], framed: readonly Framed[], bytes: number): void {
    this.#busy = true
    this.#writing = framed
    this.#writingBytes = bytes
    this.#writingHandover = false
    this.#sink.write(chunks, () => {
      if (this.#ended) return
      this.#release()
      this.#busy = this.#late = false
      this.#hub.drained(this)
    })
  }

  #release(): void {
    for (const framed of this.#writing) framed.drop()
    this.#writing = []
    this.#writingBytes = 0
  }
}
