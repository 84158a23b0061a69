import { children, needBox, viewOf } from '../boxes/box.ts'
import { FragmentUnsupported, TooManySamples } from '../errors.ts'
import type { Track } from '../init/init-segment.ts'
import type { Sample } from './fragment.ts'
import { MAX_SAMPLES, readTfdt, readTfhd, readTrun } from './traf.ts'

/** Samples of all tracks in one `moof`: a minute or two between keyframes, with sound. */
const MAX_SAMPLES_OF_MOOF = 4 * MAX_SAMPLES

/** Samples of one track that lie behind one another in the file. */
export interface TrackRun {
  readonly track: Track
  /** Of the first one, in units of the track's timescale; `undefined`: where the one before ended. */
  readonly decodeTime: number | undefined
  /** Index into the track's sample descriptions, from 1. */
  readonly description: number
  /** Of the first byte, from the start of the file. */
  readonly position: number
  readonly samples: readonly Sample[]
}

/** The runs of a `moof` at `position` in its file, of however many tracks (ISO/IEC 14496-12, 8.8); throws coded errors. */
export function readTrackRuns(moof: Uint8Array, position: number, tracks: readonly Track[]): TrackRun[] {
  const view = viewOf(moof)
  const runs: TrackRun[] = []
  let left = MAX_SAMPLES_OF_MOOF
  let end = position
  for (const traf of children(view, 8, moof.length)) {
    if (traf.type !== 'traf') continue
    const header = readTfhd(view, needBox(view, traf, ['tfhd']), tracks)
    const { track, defaults, baseIsMoof } = header
    const base = header.baseOffset ?? (baseIsMoof ? position : end)
    let decodeTime: number | undefined
    end = base
    for (const child of children(view, traf.body, traf.end)) {
      if (child.type === 'tfdt') decodeTime = readTfdt(view, child).decodeTime
      if (child.type !== 'trun') continue
      const samples: Sample[] = []
      const offset = readTrun(view, child, defaults, samples)
      left -= samples.length
      if (left < 0) throw new TooManySamples(MAX_SAMPLES_OF_MOOF - left, MAX_SAMPLES_OF_MOOF)
      const at = offset === undefined ? end : base + offset
      if (at < 0) throw new FragmentUnsupported('data before the file')
      end = at
      for (const { size } of samples) end += size
      runs.push({ track, decodeTime, description: defaults.description, position: at, samples })
      decodeTime = undefined
    }
  }
  return runs
}
