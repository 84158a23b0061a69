import { type Box, needBody, readUint64 } from './box.ts'
import { BoxMalformed, TooManySamples, TrackUnknown } from './errors.ts'
import type { Sample } from './fragment.ts'
import type { SampleDefaults, Track } from './init-segment.ts'

/** Samples that one track may have in one `moof`. */
export const MAX_SAMPLES = 4096

const BASE_DATA_OFFSET = 0x01
const SAMPLE_DESCRIPTION = 0x02
const DEFAULT_DURATION = 0x08
const DEFAULT_SIZE = 0x10
const DEFAULT_FLAGS = 0x20
const DEFAULT_BASE_IS_MOOF = 0x02_0000

export interface TrackFragmentHeader {
  readonly track: Track
  readonly defaults: SampleDefaults
  /** From the start of the file, where the fragment says so itself. */
  readonly baseOffset: number | undefined
  readonly baseIsMoof: boolean
}

/** ISO/IEC 14496-12, 8.8.7. */
export function readTfhd(view: DataView, tfhd: Box, tracks: readonly Track[]): TrackFragmentHeader {
  needBody(tfhd, 8)
  const flags = view.getUint32(tfhd.body) & 0xff_ffff
  const id = view.getUint32(tfhd.body + 4)
  const track = tracks.find(candidate => candidate.id === id)
  if (!track) throw new TrackUnknown(id)
  let at = tfhd.body + 8
  const take = (bytes: number): number => {
    if (at + bytes > tfhd.end) throw new BoxMalformed('tfhd', 'it ends early')
    at += bytes
    return at - bytes
  }
  const next = (flag: number, fallback: number) => (flags & flag ? view.getUint32(take(4)) : fallback)
  return {
    track,
    baseOffset: flags & BASE_DATA_OFFSET ? readUint64(view, take(8)) : undefined,
    baseIsMoof: (flags & DEFAULT_BASE_IS_MOOF) !== 0,
    defaults: {
      description: next(SAMPLE_DESCRIPTION, track.defaults.description),
      duration: next(DEFAULT_DURATION, track.defaults.duration),
      size: next(DEFAULT_SIZE, track.defaults.size),
      flags: next(DEFAULT_FLAGS, track.defaults.flags),
    },
  }
}

/** ISO/IEC 14496-12, 8.8.12. */
export function readTfdt(view: DataView, tfdt: Box): { readonly decodeTime: number; readonly wide: boolean } {
  needBody(tfdt, 8)
  const wide = view.getUint8(tfdt.body) === 1
  if (wide) needBody(tfdt, 12)
  const decodeTime = wide ? readUint64(view, tfdt.body + 4) : view.getUint32(tfdt.body + 4)
  if (decodeTime > Number.MAX_SAFE_INTEGER) throw new BoxMalformed('tfdt', 'the decode time is out of range')
  return { decodeTime, wide }
}

/** Adds the samples of a `trun` (ISO/IEC 14496-12, 8.8.8) and returns its data offset, where it has one. */
export function readTrun(
  view: DataView,
  trun: Box,
  defaults: SampleDefaults,
  samples: Sample[],
): number | undefined {
  needBody(trun, 8)
  const version = view.getUint8(trun.body)
  const flags = view.getUint32(trun.body) & 0xff_ffff
  const count = view.getUint32(trun.body + 4)
  if (samples.length + count > MAX_SAMPLES) throw new TooManySamples(samples.length + count, MAX_SAMPLES)
  let at = trun.body + 8 + (flags & 0x01 ? 4 : 0)
  const fields = bit(flags, 0x100) + bit(flags, 0x200) + bit(flags, 0x400) + bit(flags, 0x800)
  const needed = (flags & 0x01 ? 4 : 0) + (flags & 0x04 ? 4 : 0) + count * fields * 4
  if (trun.end - trun.body - 8 < needed) throw new BoxMalformed('trun', 'it ends early')
  const next = (flag: number, fallback: number): number => {
    if (!(flags & flag)) return fallback
    at += 4
    return view.getUint32(at - 4)
  }
  const firstFlags = next(0x04, defaults.flags)
  for (let i = 0; i < count; i++)
    samples.push({
      duration: next(0x100, defaults.duration),
      size: next(0x200, defaults.size),
      flags: next(0x400, i === 0 ? firstFlags : defaults.flags),
      compositionOffset: version === 0 ? next(0x800, 0) : next(0x800, 0) | 0,
    })
  return flags & 0x01 ? view.getInt32(trun.body + 8) : undefined
}

function bit(flags: number, flag: number): 0 | 1 {
  return flags & flag ? 1 : 0
}
