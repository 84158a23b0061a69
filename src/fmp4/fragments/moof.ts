import { type Box, fourcc, readBox, viewOf } from '../boxes/box.ts'
import { BoxMalformed, BoxMissing, FragmentUnsupported } from '../errors.ts'
import type { Track } from '../init/init-segment.ts'
import { NON_SYNC, type Sample } from './fragment.ts'
import { readTfdt, readTfhd, readTrun } from './traf.ts'

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

const TRAF = fourcc('traf')
const TFHD = fourcc('tfhd')
const TFDT = fourcc('tfdt')
const TRUN = fourcc('trun')

/**
 * Reads a `moof` (ISO/IEC 14496-12, 8.8) that holds one track; throws a coded error on anything else. It runs for every packet of every
 * camera: over its boxes once, and with nothing made that is not needed.
 */
export function readMoof(moof: Uint8Array, tracks: readonly Track[]): MovieFragment {
  const view = viewOf(moof)
  const traf = onlyTraf(view)
  let tfhd: Box | undefined
  let tfdt: Box | undefined
  const truns: Box[] = []
  for (let at = traf.body; at < traf.end; ) {
    const box = readBox(view, at, traf.end)
    at = box.end
    if (box.code === TRUN) truns.push(box)
    else if (box.code === TFHD) tfhd ??= box
    else if (box.code === TFDT) tfdt ??= box
  }
  if (!tfhd) throw new BoxMissing('tfhd')
  if (!tfdt) throw new BoxMissing('tfdt')
  const { track, defaults, baseOffset } = readTfhd(view, tfhd, tracks)
  const { decodeTime, wide } = readTfdt(view, tfdt)

  const samples: Sample[] = []
  let dataOffset: number | undefined
  for (const trun of truns) {
    const offset = readTrun(view, trun, defaults, samples)
    if (trun === truns[0]) dataOffset = offset
  }
  if (samples.length === 0) throw new BoxMalformed('trun', 'no samples')
  let duration = 0
  for (const sample of samples) duration += sample.duration
  const canonical = wide && truns.length === 1 && baseOffset === undefined
  if (canonical && dataOffset !== undefined && dataOffset !== moof.length + 8)
    throw new FragmentUnsupported('data elsewhere than behind moof')
  return {
    track,
    decodeTime,
    duration,
    sync: (samples[0]!.flags & NON_SYNC) === 0,
    samples,
    tfdtOffset: tfdt.body + 4,
    canonical: canonical && dataOffset !== undefined,
  }
}

function onlyTraf(view: DataView): Box {
  let traf: Box | undefined
  for (let at = 8; at < view.byteLength; ) {
    const box = readBox(view, at, view.byteLength)
    at = box.end
    if (box.code !== TRAF) continue
    if (traf) throw new FragmentUnsupported('more than one track')
    traf = box
  }
  if (!traf) throw new BoxMissing('traf')
  return traf
}
