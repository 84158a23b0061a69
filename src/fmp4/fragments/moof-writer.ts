import { fourcc, viewOf, writeUint64 } from '../boxes/box.ts'
import type { Sample } from './fragment.ts'

/** Samples of one track that follow one another in decode time. */
export interface TrackRun {
  readonly trackId: number
  /** In units of the track's timescale. */
  readonly decodeTime: number
  readonly samples: readonly Sample[]
}

export interface MoofFields extends TrackRun {
  readonly sequence: number
}

export interface WrittenMoof {
  readonly bytes: Buffer
  /** Where the 64-bit base media decode time lies. */
  readonly tfdtOffset: number
}

const DEFAULT_BASE_IS_MOOF = 0x02_0000
const TRUN_FLAGS = 0x01 | 0x100 | 0x200 | 0x400 | 0x800
const TFDT_OFFSET = 8 + 16 + 8 + 16 + 12
const MDAT_HEADER = 8

/** The length of what `writeMoof` makes of so many samples. */
export function moofLength(samples: number): number {
  return 24 + trafLength(samples)
}

function trafLength(samples: number): number {
  return 8 + 16 + 20 + 20 + samples * 16
}

/** Writes a `moof` of one track whose `mdat` (8-byte header) follows directly (ISO/IEC 14496-12, 8.8). */
export function writeMoof({ sequence, ...run }: MoofFields): WrittenMoof {
  const bytes = Buffer.allocUnsafe(moofLength(run.samples.length))
  writeBoxes(bytes, sequence, [run])
  return { bytes, tfdtOffset: TFDT_OFFSET }
}

/** The length of what `writeFragmentHead` makes of these runs. */
export function fragmentHeadLength(runs: readonly TrackRun[]): number {
  return runs.reduce((sum, { samples }) => sum + trafLength(samples.length), 24 + MDAT_HEADER)
}

/** Writes a `moof` and the header of the `mdat` behind it, which holds the data of each run in this order. */
export function writeFragmentHead(sequence: number, runs: readonly TrackRun[]): Buffer {
  const bytes = Buffer.allocUnsafe(fragmentHeadLength(runs))
  const dataBytes = writeBoxes(bytes.subarray(0, -MDAT_HEADER), sequence, runs)
  const view = viewOf(bytes)
  view.setUint32(bytes.length - 8, MDAT_HEADER + dataBytes)
  view.setUint32(bytes.length - 4, fourcc('mdat'))
  return bytes
}

/** Returns the number of bytes that the samples take. */
function writeBoxes(moof: Buffer, sequence: number, runs: readonly TrackRun[]): number {
  const view = viewOf(moof)
  let at = 0
  const put = (...words: readonly number[]): void => {
    for (const word of words) {
      view.setUint32(at, word >>> 0)
      at += 4
    }
  }
  let dataBytes = 0
  put(moof.length, fourcc('moof'))
  put(16, fourcc('mfhd'), 0, sequence)
  for (const { trackId, decodeTime, samples } of runs) {
    put(trafLength(samples.length), fourcc('traf'))
    put(16, fourcc('tfhd'), DEFAULT_BASE_IS_MOOF, trackId)
    put(20, fourcc('tfdt'), 0x0100_0000)
    writeUint64(view, at, decodeTime)
    at += 8
    put(20 + samples.length * 16, fourcc('trun'), 0x0100_0000 | TRUN_FLAGS)
    put(samples.length, moof.length + MDAT_HEADER + dataBytes)
    for (const { duration, size, flags, compositionOffset } of samples) {
      put(duration, size, flags, compositionOffset)
      dataBytes += size
    }
  }
  return dataBytes
}
