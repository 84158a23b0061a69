import { type Box, needBox, viewOf } from '../boxes/box.ts'
import { TooManySamples } from '../errors.ts'
import type { Sample } from '../fragments/fragment.ts'
import { readTrackRuns, type TrackRun } from '../fragments/track-runs.ts'
import type { InitSegment, Track } from '../init/init-segment.ts'
import { plainMoov } from './plain-moov.ts'
import { SampleTable } from './sample-table.ts'

/** Some four hours of a camera with sound. The tables take four bytes of each, and some more. */
const MAX_SAMPLES = 1_000_000

/** Gathers what the fragments of a movie hold, for the `moov` of a plain MP4. Throws coded errors. */
export class MovieTables {
  readonly #init: InitSegment
  readonly #moov: Box
  readonly #tables: ReadonlyMap<Track, SampleTable>
  /** Kept as bytes and read twice: objects that live as long as a fragment takes to arrive would grow old. */
  #expected: { readonly moof: Uint8Array; readonly position: number } | undefined
  /** Where the data of the expected samples lies. */
  #start = 0
  #end = 0
  #samples = 0

  /** Throws where no fragments are announced (`mvex`), or no other `moov` could be made of this one. */
  constructor(init: InitSegment) {
    this.#init = init
    const file = { body: 0, end: init.bytes.length }
    this.#moov = needBox(viewOf(init.bytes), file, ['moov'])
    needBox(viewOf(init.bytes), this.#moov, ['mvex'])
    plainMoov(init, emptyTables(init))
    this.#tables = emptyTables(init)
  }

  /** A `moof` at `position` in the file. Its samples come next. */
  expect(moof: Uint8Array, position: number): void {
    this.#start = Number.POSITIVE_INFINITY
    this.#end = 0
    for (const { position: at, samples } of this.#read({ moof, position })) {
      this.#start = Math.min(this.#start, at)
      this.#end = Math.max(this.#end, at + bytesOf(samples))
      this.#samples += samples.length
    }
    this.#expected = { moof, position }
    if (this.#samples > MAX_SAMPLES) throw new TooManySamples(this.#samples, MAX_SAMPLES)
  }

  /** Whether samples are expected, and all of them between these positions. */
  expectedWithin(start: number, end: number): boolean {
    return this.#expected !== undefined && this.#start >= start && this.#end <= end
  }

  /** The expected samples are there, as far as they lie before `end`, and have been moved by so many bytes. */
  add(end: number, moved: number): void {
    if (!this.#expected) return
    for (const { track, decodeTime, description, position, samples } of this.#read(this.#expected)) {
      let at = position
      const there = samples.filter(({ size }) => {
        at += size
        return at <= end
      })
      this.#tables.get(track)?.add(decodeTime, description, position + moved, there)
    }
    this.#expected = undefined
  }

  #read({ moof, position }: { readonly moof: Uint8Array; readonly position: number }): TrackRun[] {
    return readTrackRuns(moof, position, this.#init.tracks)
  }

  /** That of a plain MP4, or where there are no samples the one that there was. Nothing may be added afterwards. */
  moov(): readonly Uint8Array[] {
    const filled = new Map([...this.#tables].filter(([, table]) => table.samples > 0))
    if (filled.size > 0) return plainMoov(this.#init, filled)
    return [this.#init.bytes.subarray(this.#moov.start, this.#moov.end)]
  }
}

function bytesOf(samples: readonly Sample[]): number {
  return samples.reduce((sum, { size }) => sum + size, 0)
}

function emptyTables({ tracks }: InitSegment): Map<Track, SampleTable> {
  return new Map(tracks.map(track => [track, new SampleTable()]))
}
