import type { Sample, Track } from '../footage/footage.ts'
import { box, fullBox, text, u32, u64 } from './box.ts'

const SYNC_SAMPLE = 0x2000000
const OTHER_SAMPLE = 0x1010000
const AAC_FRAME = 1024

/**
 * One consumer's muxer, with go2rtc's arithmetic: decode times start at 0, a duration is the distance to the
 * sample *before*, the first one is a tick over 1 ms, and so is one after a gap of more than a second.
 */
export class Muxer {
  #sequence = 0
  readonly #tracks: { readonly track: Track; timestamp: number; decodeTime: number }[]

  constructor(tracks: readonly Track[]) {
    this.#tracks = tracks.map(track => ({ track, timestamp: 0, decodeTime: 0 }))
  }

  /** `moof` and `mdat` of one sample; `index` counts the consumer's own tracks from 0. */
  fragment(index: number, sample: Sample): Buffer {
    const state = this.#tracks[index]
    if (!state) throw new RangeError(`no track ${index}`)
    const duration = this.#advance(state, sample.timestamp)
    const decodeTime = state.decodeTime
    state.decodeTime += duration
    const moof = box(
      'moof',
      fullBox('mfhd', 0, 0, u32(++this.#sequence)),
      box(
        'traf',
        fullBox(
          'tfhd',
          0,
          0x20038,
          u32(index + 1, duration, sample.data.length, sample.sync ? SYNC_SAMPLE : OTHER_SAMPLE),
        ),
        fullBox('tfdt', 1, 0, u64(decodeTime)),
        fullBox('trun', 0, 1, u32(1, MOOF_SIZE + 8)),
      ),
    )
    return Buffer.concat([moof, u32(8 + sample.data.length), text('mdat'), sample.data])
  }

  #advance(state: { readonly track: Track; timestamp: number }, timestamp: number): number {
    const { timescale, codec } = state.track
    const distance = timestamp - state.timestamp
    state.timestamp = timestamp
    if (codec === 'aac') return AAC_FRAME
    if (distance > 0 && distance <= timescale) return distance
    const shortest = Math.floor(timescale / 1000) + 1
    state.timestamp += shortest
    return shortest
  }
}

const MOOF_SIZE = 100
