import type { Track } from '../../fmp4/init/init-segment.ts'
import type { Run } from './part.ts'

/** One AAC-LC frame of silence for one and for two channels: a raw_data_block with no spectrum (ISO/IEC 14496-3). */
const FRAMES: Readonly<Record<number, Buffer>> = {
  1: Buffer.from('00c800802380', 'hex'),
  2: Buffer.from('210049900219002380', 'hex'),
}
const FRAME_SAMPLES = 1024
const SYNC_SAMPLE = 0x0200_0000

/**
 * Silence for an audio track between two decode times, its last frame as long as it takes; undefined for what is not
 * plain AAC of one or two channels.
 */
export function silence(track: Track, from: number, to: number): Run | undefined {
  const frame = track.codec === 'mp4a.40.2' ? FRAMES[track.channels] : undefined
  if (!frame) return undefined
  const count = Math.max(1, Math.floor((to - from) / FRAME_SAMPLES))
  const sample = { duration: FRAME_SAMPLES, size: frame.length, flags: SYNC_SAMPLE, compositionOffset: 0 }
  const last = { ...sample, duration: to - from - (count - 1) * FRAME_SAMPLES }
  return {
    trackId: track.id,
    decodeTime: from,
    samples: [...Array.from({ length: count - 1 }, () => sample), last],
    data: [Buffer.concat(Array.from({ length: count }, () => frame))],
  }
}
