import type { Part } from '../recording/part.ts'
import { Segment } from '../recording/segment.ts'
import type { MediaMap } from './media-map.ts'
import type { Position } from './position.ts'

export interface WindowOptions {
  /** Segments that a playlist lists, where they make up three target durations. */
  readonly segments: number
  /** In seconds. */
  readonly targetDuration: number
  /** What its first segment is. */
  readonly position: Position
}

/** What memory pressure leaves: players start three segments before the end. */
export const FEWEST_SEGMENTS = 3
/** Wall clock and timeline may be so far apart before dates are set anew, in milliseconds. */
const LARGEST_DRIFT = 500

/** The segments that are there: those that playlists list, the open one, and those removed a moment ago. */
export class Window {
  readonly #options: WindowOptions
  #segments: Segment[] = []
  #open: Segment | undefined
  #removed: { readonly segment: Segment; readonly until: number }[] = []
  #map: MediaMap
  #nextNumber: number
  #discontinuity = false
  #discontinuitySequence: number

  /** Takes over the map's holder. */
  constructor(map: MediaMap, options: WindowOptions) {
    this.#options = options
    this.#map = map
    this.#nextNumber = options.position.number
    this.#discontinuitySequence = options.position.discontinuity
  }

  /** Complete and listed, oldest first. */
  get segments(): readonly Segment[] {
    return this.#segments
  }

  /** The segment that parts are added to, once it has one. */
  get open(): Segment | undefined {
    return this.#open
  }

  get map(): MediaMap {
    return this.#map
  }

  /** `EXT-X-DISCONTINUITY-SEQUENCE` */
  get discontinuitySequence(): number {
    return this.#discontinuitySequence
  }

  /** Where a window that comes after this one goes on. */
  get next(): Position {
    const listed = [...this.#segments, ...(this.#open ? [this.#open] : [])]
    return {
      number: this.#nextNumber,
      seconds: listed.at(-1)?.end ?? this.#options.position.seconds,
      discontinuity: this.#discontinuitySequence + listed.filter(one => one.discontinuity).length,
    }
  }

  /** Media sequence number of the segment that the next part belongs to. */
  get openNumber(): number {
    return this.#open?.number ?? this.#nextNumber
  }

  /** Takes over the part's holder. `now` is the wall clock at its end, in milliseconds since the epoch. */
  add(part: Part, now: number): void {
    this.#open ??= new Segment({
      number: this.#nextNumber++,
      map: this.#map,
      start: part.start,
      date: this.#dateOf(part, now),
      discontinuity: this.#discontinuity,
    })
    this.#discontinuity = false
    this.#open.parts.push(part)
  }

  /** Adds a segment that is one part, and none for low latency. */
  addWhole(part: Part, now: number): void {
    this.add(part, now)
    this.#open!.partial = false
    this.endSegment()
  }

  endSegment(): void {
    if (!this.#open) return
    this.#open.complete = true
    this.#segments.push(this.#open)
    this.#open = undefined
    while (this.#segments.length > this.#options.segments && this.#spares(this.#segments[0]!))
      this.#removeFirst()
    this.expire(performance.now())
  }

  /** What comes decodes with another init segment, whose holder is taken over. */
  changeMap(map: MediaMap): void {
    this.endSegment()
    this.#map.drop()
    this.#map = map
    this.#discontinuity = true
  }

  /** A segment that is still there, listed or not. */
  find(number: number): Segment | undefined {
    if (this.#open?.number === number) return this.#open
    return (
      this.#segments.find(segment => segment.number === number) ??
      this.#removed.find(({ segment }) => segment.number === number)?.segment
    )
  }

  findMap(number: number): MediaMap | undefined {
    if (this.#map.number === number) return this.#map
    return [...this.#segments, ...this.#removed.map(({ segment }) => segment)].find(
      segment => segment.map.number === number,
    )?.map
  }

  /** Puts complete segments together that the hub needs no more. */
  compact(): void {
    for (const { parts } of [...this.#segments]) for (const part of parts) part.compact()
  }

  /** Lets go of removed segments whose time is up; `now` by `performance.now()`. */
  expire(now: number): void {
    while (this.#removed[0] && this.#removed[0].until <= now) this.#removed.shift()!.segment.drop()
  }

  /** Lets go of removed segments, then of the oldest listed ones down to three, until it is enough. */
  shrink(enough: () => boolean): void {
    while (!enough()) {
      const removed = this.#removed.shift()
      if (removed) removed.segment.drop()
      else if (this.#segments.length > FEWEST_SEGMENTS) this.#removeFirst()
      else return
    }
  }

  /** Lets go of everything; not to be used after it. */
  close(): void {
    for (const segment of [...this.#removed.map(one => one.segment), ...this.#segments]) segment.drop()
    this.#open?.drop()
    this.#map.drop()
    this.#removed = []
    this.#segments = []
    this.#open = undefined
  }

  /** Without it, the playlist is still three target durations long (RFC 8216bis, 6.2.2). */
  #spares(first: Segment): boolean {
    return this.#segments.at(-1)!.end - first.end >= FEWEST_SEGMENTS * this.#options.targetDuration - 1e-6
  }

  /** It stays for a target duration for those who have just read of it. */
  #removeFirst(): void {
    const segment = this.#segments.shift()!
    this.#removed.push({ segment, until: performance.now() + this.#options.targetDuration * 1000 })
    if (segment.discontinuity) this.#discontinuitySequence++
  }

  #dateOf(part: Part, now: number): number {
    const seen = now - part.seconds * 1000
    const last = this.#segments.at(-1)
    if (!last) return seen
    const expected = last.date + last.seconds * 1000
    return seen - expected > LARGEST_DRIFT ? seen : expected
  }
}
