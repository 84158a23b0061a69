import { type Box, needBody, readUint64 } from '../boxes/box.ts'
import { BoxMalformed, TooManySamples, TrackUnknown } from '../errors.ts'
import type { SampleDefaults, Track } from '../init/init-segment.ts'
import type { Sample } from './fragment.ts'

/** Samples that one track may have in one `moof`. */
export const MAX_SAMPLES = 4096

const BASE_DATA_OFFSET = 0x01
const SAMPLE_DESCRIPTION = 0x02
const DEFAULT_DURATION = 0x08
const DEFAULT_SIZE = 0x10
const DEFAULT_FLAGS = 0x20
const DEFAULT_BASE_IS_MOOF = 0x02_0000

const DATA_OFFSET = 0x01
const FIRST_FLAGS = 0x04
const DURATION = 0x100
const SIZE = 0x200
const FLAGS = 0x400
const COMPOSITION_OFFSET = 0x800

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
  const baseAt = tfhd.body + 8
  const descriptionAt = baseAt + (flags & BASE_DATA_OFFSET ? 8 : 0)
  const durationAt = descriptionAt + (flags & SAMPLE_DESCRIPTION ? 4 : 0)
  const sizeAt = durationAt + (flags & DEFAULT_DURATION ? 4 : 0)
  const flagsAt = sizeAt + (flags & DEFAULT_SIZE ? 4 : 0)
  if (flagsAt + (flags & DEFAULT_FLAGS ? 4 : 0) > tfhd.end) throw new BoxMalformed('tfhd', 'it ends early')
  const { defaults } = track
  return {
    track,
    baseOffset: flags & BASE_DATA_OFFSET ? readUint64(view, baseAt) : undefined,
    baseIsMoof: (flags & DEFAULT_BASE_IS_MOOF) !== 0,
    defaults: {
      description: flags & SAMPLE_DESCRIPTION ? view.getUint32(descriptionAt) : defaults.description,
      duration: flags & DEFAULT_DURATION ? view.getUint32(durationAt) : defaults.duration,
      size: flags & DEFAULT_SIZE ? view.getUint32(sizeAt) : defaults.size,
      flags: flags & DEFAULT_FLAGS ? view.getUint32(flagsAt) : defaults.flags,
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
  const firstFlagsAt = trun.body + 8 + (flags & DATA_OFFSET ? 4 : 0)
  const samplesAt = firstFlagsAt + (flags & FIRST_FLAGS ? 4 : 0)
  const sizeAt = flags & DURATION ? 4 : 0
  const flagsAt = sizeAt + (flags & SIZE ? 4 : 0)
  const compositionAt = flagsAt + (flags & FLAGS ? 4 : 0)
  const stride = compositionAt + (flags & COMPOSITION_OFFSET ? 4 : 0)
  if (samplesAt + count * stride > trun.end) throw new BoxMalformed('trun', 'it ends early')
  const firstFlags = flags & FIRST_FLAGS ? view.getUint32(firstFlagsAt) : defaults.flags
  for (let i = 0, at = samplesAt; i < count; i++, at += stride) {
    const otherFlags = i === 0 ? firstFlags : defaults.flags
    const offset = flags & COMPOSITION_OFFSET ? view.getUint32(at + compositionAt) : 0
    samples.push({
      duration: flags & DURATION ? view.getUint32(at) : defaults.duration,
      size: flags & SIZE ? view.getUint32(at + sizeAt) : defaults.size,
      flags: flags & FLAGS ? view.getUint32(at + flagsAt) : otherFlags,
      compositionOffset: version === 0 ? offset : offset | 0,
    })
  }
  return flags & DATA_OFFSET ? view.getInt32(trun.body + 8) : undefined
}
