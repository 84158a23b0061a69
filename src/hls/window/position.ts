/** Where the playlists of a stream have got to: its next window goes on from there. */
export interface Position {
  /** Media sequence number of the next segment. */
  readonly number: number
  /** Where it begins on the timeline of the playlists. */
  readonly seconds: number
  /** `EXT-X-DISCONTINUITY-SEQUENCE`; small, as players count up to it. */
  readonly discontinuity: number
}

/** Where positions outlive windows, and the process. */
export interface Positions {
  find(stream: string): Promise<Position | undefined>
  keep(stream: string, position: Position): void
  /** Resolves when what was kept is written. */
  settled(): Promise<void>
}

/** So many segments are claimed at a time, so that even a killed process leaves none behind that comes again. */
const CLAIMED = 60
const EPOCH = Date.UTC(2025, 0)

/** For a stream that nothing is known of: above what may be forgotten, as no segment is shorter than half a second. */
export function firstPosition(): Position {
  return { number: Math.floor((Date.now() - EPOCH) / 500), seconds: 0, discontinuity: 0 }
}

/** Claims positions ahead of a window. What a stream goes on from may be a little further than it has got, never behind. */
export class Claim {
  readonly #segmentSeconds: number
  readonly #keep: (position: Position) => void
  #claimed = 0

  constructor(segmentSeconds: number, keep: (position: Position) => void) {
    this.#segmentSeconds = segmentSeconds
    this.#keep = keep
  }

  advance(at: Position): void {
    if (at.number + CLAIMED / 2 < this.#claimed) return
    this.#claimed = at.number + CLAIMED
    this.#keep({ ...at, number: this.#claimed, seconds: at.seconds + CLAIMED * this.#segmentSeconds })
  }
}
