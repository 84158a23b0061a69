import { silentFrame, silentSamples } from '../../fmp4/fragments/silence.ts'
import type { Track } from '../../fmp4/init/init-segment.ts'
import type { Run } from './part.ts'

/** Silence for an audio track between two decode times, its last frame as long as it takes; undefined where none is known. */
export function silence(track: Track, from: number, to: number): Run | undefined {
  const frame = silentFrame(track)
  if (!frame) return undefined
  const count = Math.max(1, Math.floor((to - from) / frame.duration))
  const samples = silentSamples(frame, count)
  samples[count - 1] = { ...samples[0]!, duration: to - from - (count - 1) * frame.duration }
  return {
    trackId: track.id,
    decodeTime: from,
    samples,
    data: [Buffer.concat(Array.from({ length: count }, () => frame.bytes))],
  }
}
