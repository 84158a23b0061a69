import { viewOf } from '../fmp4/box.ts'
import type { Track } from '../fmp4/init-segment.ts'
import type { Run } from './part.ts'

/** One AAC-LC frame of silence for one and for two channels: a raw_data_block with no spectrum (ISO/IEC 14496-3). */
const FRAMES: Readonly<Record<number, Buffer>> = {
  1: Buffer.from('00c800802380', 'hex'),
  2: Buffer.from('210049900219002380', 'hex'),
}
const FRAME_SAMPLES = 1024
const CHANNEL_COUNT_OFFSET = 40
const SYNC_SAMPLE = 0x0200_0000

/** Silence for an audio track between two decode times; undefined for what is not plain AAC of one or two channels. */
export function silence(track: Track, from: number, to: number): Run | undefined {
  const frame = track.codec === 'mp4a.40.2' ? FRAMES[channelsOf(track)] : undefined
  if (!frame) return undefined
  const first = Math.ceil(from / FRAME_SAMPLES)
  const count = Math.floor(to / FRAME_SAMPLES) - first
  const sample = { duration: FRAME_SAMPLES, size: frame.length, flags: SYNC_SAMPLE, compositionOffset: 0 }
  return {
    trackId: track.id,
    decodeTime: first * FRAME_SAMPLES,
    samples: Array.from({ length: count }, () => sample),
    data: [Buffer.concat(Array.from({ length: count }, () => frame))],
  }
}

function channelsOf({ stsd }: Track): number {
  return stsd.length >= CHANNEL_COUNT_OFFSET + 2 ? viewOf(stsd).getUint16(CHANNEL_COUNT_OFFSET) : 0
}
