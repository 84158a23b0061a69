import type { Fragment } from './fragment.ts'
import { writeMoof } from './moof-writer.ts'

/** The same fragment with a last sample that is longer or shorter, so that all of it lasts `duration`, in units of the track's timescale. */
export function lasting(fragment: Fragment, duration: number): Fragment {
  const { track, decodeTime, samples } = fragment
  const last = samples.at(-1)!
  const changed = [
    ...samples.slice(0, -1),
    { ...last, duration: last.duration + duration - fragment.duration },
  ]
  const { bytes, tfdtOffset } = writeMoof({ sequence: 0, trackId: track.id, decodeTime, samples: changed })
  return { ...fragment, duration, samples: changed, moof: bytes, tfdtOffset }
}
