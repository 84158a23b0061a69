import { fourcc, viewOf, writeUint64 } from './box.ts'
import type { Sample } from './fragment.ts'

export interface MoofFields {
  readonly sequence: number
  readonly trackId: number
  /** In units of the track's timescale. */
  readonly decodeTime: number
  readonly samples: readonly Sample[]
}

export interface WrittenMoof {
  readonly bytes: Buffer
  /** Where the 64-bit base media decode time lies. */
  readonly tfdtOffset: number
}

const DEFAULT_BASE_IS_MOOF = 0x02_0000
const TRUN_FLAGS = 0x01 | 0x100 | 0x200 | 0x400 | 0x800
const TFDT_OFFSET = 8 + 16 + 8 + 16 + 12

/** The length of what `writeMoof` makes of so many samples. */
export function moofLength(samples: number): number {
  return TFDT_OFFSET + 8 + 20 + samples * 16
}

/** Writes a `moof` of one track whose `mdat` (8-byte header) follows directly (ISO/IEC 14496-12, 8.8). */
export function writeMoof({ sequence, trackId, decodeTime, samples }: MoofFields): WrittenMoof {
  const length = moofLength(samples.length)
  const bytes = Buffer.allocUnsafe(length)
  const view = viewOf(bytes)
  let at = 0
  const put = (...words: readonly number[]): void => {
    for (const word of words) {
      view.setUint32(at, word >>> 0)
      at += 4
    }
  }
  put(length, fourcc('moof'))
  put(16, fourcc('mfhd'), 0, sequence)
  put(length - at, fourcc('traf'))
  put(16, fourcc('tfhd'), DEFAULT_BASE_IS_MOOF, trackId)
  put(20, fourcc('tfdt'), 0x0100_0000)
  writeUint64(view, at, decodeTime)
  at += 8
  put(length - at, fourcc('trun'), 0x0100_0000 | TRUN_FLAGS, samples.length, length + 8)
  for (const { duration, size, flags, compositionOffset } of samples)
    put(duration, size, flags, compositionOffset)
  return { bytes, tfdtOffset: TFDT_OFFSET }
}
