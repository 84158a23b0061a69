import type { Track } from '../init/init-segment.ts'

/** One sample (picture or audio packet). `duration` and `compositionOffset` are in units of the track's timescale. */
export interface Sample {
  readonly duration: number
  readonly size: number
  readonly flags: number
  readonly compositionOffset: number
}

/** One `moof` + `mdat` of one track, in memory of their own. Its `moof` is addressed relative to itself and has a 64-bit `tfdt`. */
export interface Fragment {
  readonly track: Track
  /** In units of the track's timescale, as it came from upstream. */
  readonly decodeTime: number
  readonly duration: number
  /** Starts with a sync sample. */
  readonly sync: boolean
  readonly samples: readonly Sample[]
  readonly moof: Uint8Array
  /** Header included. */
  readonly mdat: Uint8Array
  /** Where the 64-bit base media decode time lies in `moof`. */
  readonly tfdtOffset: number
}

/** `sample_is_non_sync_sample` (ISO/IEC 14496-12, 8.8.3.1). */
export const NON_SYNC = 0x1_0000
