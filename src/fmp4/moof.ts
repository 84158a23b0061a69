import { children, findBox, needBox, viewOf } from './box.ts'
import { BoxMalformed, FragmentUnsupported } from './errors.ts'
import { NON_SYNC, type Sample } from './fragment.ts'
import type { Track } from './init-segment.ts'
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

/** Reads a `moof` (ISO/IEC 14496-12, 8.8) that holds one track; throws a coded error on anything else. */
export function readMoof(moof: Uint8Array, tracks: readonly Track[]): MovieFragment {
  const view = viewOf(moof)
  const all = { body: 8, end: moof.length }
  const traf = needBox(view, all, ['traf'])
  if (findBox(view, { body: traf.end, end: all.end }, ['traf']))
    throw new FragmentUnsupported('more than one track')

  const { track, defaults, baseOffset } = readTfhd(view, needBox(view, traf, ['tfhd']), tracks)
  const tfdt = needBox(view, traf, ['tfdt'])
  const { decodeTime, wide } = readTfdt(view, tfdt)

  const samples: Sample[] = []
  let truns = 0
  let dataOffset: number | undefined
  for (const child of children(view, traf.body, traf.end))
    if (child.type === 'trun') {
      const offset = readTrun(view, child, defaults, samples)
      if (truns++ === 0) dataOffset = offset
    }
  if (samples.length === 0) throw new BoxMalformed('trun', 'no samples')
  let duration = 0
  for (const sample of samples) duration += sample.duration
  const canonical = wide && truns === 1 && baseOffset === undefined
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
