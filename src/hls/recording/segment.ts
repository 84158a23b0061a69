import type { MediaMap } from '../window/media-map.ts'
import type { Part } from './part.ts'

/** A run of parts: what plain HLS loads. Open until `close`, then unchanging. */
export class Segment {
  /** Its media sequence number. */
  readonly number: number
  readonly map: MediaMap
  /** On the timeline of the playlists, in seconds. */
  readonly start: number
  /** Wall clock of its first sample, in milliseconds since the epoch. */
  readonly date: number
  /** What comes before it decodes differently. */
  readonly discontinuity: boolean
  readonly parts: Part[] = []
  complete = false
  /** Its parts may be listed. */
  partial = true

  constructor(fields: Pick<Segment, 'number' | 'map' | 'start' | 'date' | 'discontinuity'>) {
    this.number = fields.number
    this.map = fields.map
    this.map.hold()
    this.start = fields.start
    this.date = fields.date
    this.discontinuity = fields.discontinuity
  }

  get end(): number {
    const last = this.parts.at(-1)
    return last ? last.start + last.seconds : this.start
  }

  get seconds(): number {
    return this.end - this.start
  }

  get bytes(): number {
    let bytes = 0
    for (const part of this.parts) bytes += part.bytes
    return bytes
  }

  drop(): void {
    for (const part of this.parts) part.drop()
    this.map.drop()
  }
}
