import { type Box, children, needBody, needBox, viewOf, writeUint64 } from '../boxes/box.ts'
import { box, fullBox } from '../boxes/box-writer.ts'
import { copied, rebuilt } from '../boxes/rebuilt.ts'
import { BoxMalformed } from '../errors.ts'
import { readEdit } from '../init/edit.ts'
import type { InitSegment, Track } from '../init/init-segment.ts'
import type { SampleTable } from './sample-table.ts'

/** What a field of 32 bits holds where a duration does not fit: not known (ISO/IEC 14496-12, 8.2.2). */
const UNKNOWN = 0xffff_ffff
const RATE_1 = 0x1_0000

/** Where `duration` is in the body of a box, by its version. */
const DURATION_AT: Readonly<Record<string, readonly [number, number]>> = {
  mvhd: [16, 24],
  tkhd: [20, 28],
  mdhd: [16, 24],
}

/**
 * The `moov` of a plain MP4 (ISO/IEC 14496-12, 8.2) out of that of a fragmented one and what its fragments held: durations
 * are filled in, sample tables are written, `mvex` and tracks without samples go; everything else stays. The earliest
 * track begins at 0, the others as much later as they did. Throws coded errors for a `moov` that is none.
 */
export function plainMoov(init: InitSegment, tables: ReadonlyMap<Track, SampleTable>): Uint8Array[] {
  const view = viewOf(init.bytes)
  const moov = needBox(view, { body: 0, end: init.bytes.length }, ['moov'])
  const timescale = movieTimescale(view, needBox(view, moov, ['mvhd']))
  const starts = [...tables].map(([track, table]) => table.start / track.timescale)
  const movie = { bytes: init.bytes, view, timescale, base: Math.min(...starts) }
  const traks = [...children(view, moov.body, moov.end)]
    .filter(({ type }) => type === 'trak')
    .map((trak, i) => {
      const track = init.tracks[i]
      const table = track && tables.get(track)
      return track && table ? plainTrak(movie, trak, track, table) : { duration: 0, parts: [] }
    })
  const longest = Math.max(...traks.map(({ duration }) => duration))
  let next = 0
  return rebuilt(movie.bytes, moov, {
    mvhd: mvhd => [withDuration(movie, mvhd, longest)],
    trak: () => traks[next++]?.parts ?? [],
    mvex: () => [],
  })
}

interface Movie {
  readonly bytes: Uint8Array
  readonly view: DataView
  /** Units of a second in `mvhd`, `tkhd` and edit lists. */
  readonly timescale: number
  /** When the first sample of all is decoded, in seconds. */
  readonly base: number
}

function plainTrak(movie: Movie, trak: Box, track: Track, table: SampleTable) {
  const edit = readEdit(movie.view, trak)
  const at = edit.delay / movie.timescale + (table.start - edit.mediaTime) / track.timescale - movie.base
  const delay = Math.round(Math.max(0, at) * movie.timescale)
  const mediaTime = Math.round(Math.max(0, -at) * track.timescale)
  const edited = delay + mediaTime > 0
  const played = edited ? Math.max(0, table.shown - mediaTime) : table.duration
  const length = Math.round((played / track.timescale) * movie.timescale)
  const edits = [
    ...(delay > 0 ? [Math.min(delay, UNKNOWN), UNKNOWN, RATE_1] : []),
    ...[Math.min(length, UNKNOWN), Math.min(mediaTime, UNKNOWN), RATE_1],
  ]
  const edts = edited ? box('edts', ...fullBox('elst', 0, edits.length / 3, ...edits)) : []
  const parts = rebuilt(movie.bytes, trak, {
    tkhd: tkhd => [withDuration(movie, tkhd, delay + length), ...edts],
    edts: () => [],
    mdia: mdia =>
      rebuilt(movie.bytes, mdia, {
        mdhd: mdhd => [withDuration(movie, mdhd, table.duration)],
        minf: minf =>
          rebuilt(movie.bytes, minf, {
            stbl: stbl =>
              box('stbl', copied(movie.bytes, needBox(movie.view, stbl, ['stsd'])), ...table.boxes()),
          }),
      }),
  })
  return { duration: delay + length, parts }
}

function withDuration(movie: Movie, header: Box, duration: number): Uint8Array {
  const [narrow, wide] = DURATION_AT[header.type]!
  const is64Bit = version(movie.view, header) === 1
  const at = is64Bit ? wide : narrow
  needBody(header, at + (is64Bit ? 8 : 4))
  const bytes = Buffer.from(copied(movie.bytes, header))
  const view = viewOf(bytes)
  const offset = header.body - header.start + at
  if (is64Bit) writeUint64(view, offset, duration)
  else view.setUint32(offset, Math.min(duration, UNKNOWN))
  return bytes
}

function movieTimescale(view: DataView, mvhd: Box): number {
  const at = version(view, mvhd) === 1 ? 20 : 12
  needBody(mvhd, at + 4)
  const timescale = view.getUint32(mvhd.body + at)
  if (timescale === 0) throw new BoxMalformed('mvhd', 'timescale 0')
  return timescale
}

function version(view: DataView, box: Box): number {
  return view.getUint8(needBody(box, 1).body)
}
