import { type Box, children, needBody, needBox, readUint64, viewOf } from './box.ts'
import { BoxMalformed, FragmentUnsupported, TooManySamples, TrackUnknown } from './errors.ts'
import { NON_SYNC, type Sample } from './fragment.ts'
import type { SampleDefaults, Track } from './init-segment.ts'

/** What a `moof` says. `canonical` is true if it may be handed on as it is but for its decode time. */
export interface MovieFragment {
  readonly track: Track
  readonly decodeTime: number
  readonly duration: number
  readonly sync: boolean
  readonly samples: readonly Sample[]
  readonly tfdtOffset: number
  readonly canonical: boolean
}

const MAX_SAMPLES = 4096
const BASE_DATA_OFFSET = 0x01
const SAMPLE_DESCRIPTION = 0x02
const DEFAULT_DURATION = 0x08
const DEFAULT_SIZE = 0x10
const DEFAULT_FLAGS = 0x20

/** Reads a `moof` (ISO/IEC 14496-12, 8.8) that holds one track; throws a coded error on anything else. */
export function readMoof(moof: Uint8Array, tracks: readonly Track[]): MovieFragment {
  const view = viewOf(moof)
  const all = { body: 8, end: moof.length }
  const traf = needBox(view, all, ['traf'])
  let trafs = 0
  for (const child of children(view, all.body, all.end)) if (child.type === 'traf') trafs++
  if (trafs > 1) throw new FragmentUnsupported('more than one track')

  const { track, defaults, baseOffset } = readTfhd(view, needBox(view, traf, ['tfhd']), tracks)
  const tfdt = needBody(needBox(view, traf, ['tfdt']), 8)
  const wide = view.getUint8(tfdt.body) === 1
  if (wide) needBody(tfdt, 12)
  const decodeTime = wide ? readUint64(view, tfdt.body + 4) : view.getUint32(tfdt.body + 4)
  if (decodeTime > Number.MAX_SAFE_INTEGER) throw new BoxMalformed('tfdt', 'the decode time is out of range')

  const samples: Sample[] = []
  let truns = 0
  for (const child of children(view, traf.body, traf.end))
    if (child.type === 'trun') {
      readTrun(view, child, defaults, samples)
      truns++
    }
  if (samples.length === 0) throw new BoxMalformed('trun', 'no samples')
  let duration = 0
  for (const sample of samples) duration += sample.duration
  return {
    track,
    decodeTime,
    duration,
    sync: (samples[0]!.flags & NON_SYNC) === 0,
    samples,
    tfdtOffset: tfdt.body + 4,
    canonical: wide && truns === 1 && !baseOffset && checkDataOffset(view, traf, moof.length),
  }
}

/** True if the first `trun` says that its data begins in the `mdat` right behind this `moof`; elsewhere is refused. */
function checkDataOffset(view: DataView, traf: Box, moofBytes: number): boolean {
  const trun = needBox(view, traf, ['trun'])
  if (!(view.getUint32(trun.body) & 1)) return false
  if (view.getInt32(trun.body + 8) !== moofBytes + 8)
    throw new FragmentUnsupported('data elsewhere than behind moof')
  return true
}

function readTfhd(view: DataView, tfhd: Box, tracks: readonly Track[]) {
  needBody(tfhd, 8)
  const flags = view.getUint32(tfhd.body) & 0xff_ffff
  const id = view.getUint32(tfhd.body + 4)
  const track = tracks.find(candidate => candidate.id === id)
  if (!track) throw new TrackUnknown(id)
  let at = tfhd.body + 8
  if (flags & BASE_DATA_OFFSET) at += 8
  if (flags & SAMPLE_DESCRIPTION) at += 4
  const next = (flag: number, fallback: number): number => {
    if (!(flags & flag)) return fallback
    if (at + 4 > tfhd.end) throw new BoxMalformed('tfhd', 'it ends early')
    at += 4
    return view.getUint32(at - 4)
  }
  const defaults: SampleDefaults = {
    duration: next(DEFAULT_DURATION, track.defaults.duration),
    size: next(DEFAULT_SIZE, track.defaults.size),
    flags: next(DEFAULT_FLAGS, track.defaults.flags),
  }
  return { track, defaults, baseOffset: (flags & BASE_DATA_OFFSET) !== 0 }
}

function readTrun(view: DataView, trun: Box, defaults: SampleDefaults, samples: Sample[]): void {
  needBody(trun, 8)
  const version = view.getUint8(trun.body)
  const flags = view.getUint32(trun.body) & 0xff_ffff
  const count = view.getUint32(trun.body + 4)
  if (samples.length + count > MAX_SAMPLES) throw new TooManySamples(samples.length + count, MAX_SAMPLES)
  let at = trun.body + 8 + (flags & 0x01 ? 4 : 0)
  const fields = [0x100, 0x200, 0x400, 0x800].filter(flag => flags & flag).length
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
}
