import { AAC_CONFIG, H264_CONFIG, H265_CONFIG } from './codec-configs.ts'
import type { AudioTrack, Footage, Sample, Track, VideoTrack } from './footage.ts'

export interface SyntheticOptions {
  readonly video?: 'h264' | 'h265' | 'none'
  readonly audio?: 'aac' | 'opus' | 'mp3' | 'pcma' | 'none'
  readonly fps?: number
  /** Seconds from one sync sample to the next; `Infinity`: only the first frame is one. */
  readonly gop?: number
  /** Of the video, in bits a second. */
  readonly bitrate?: number
  /** How much larger a sync sample is than the others. */
  readonly syncWeight?: number
  /** Of the video track, in ticks a second. */
  readonly timescale?: number
  /** Of the audio track, in samples a second. */
  readonly sampleRate?: number
  readonly width?: number
  readonly height?: number
  /** Replaces the content of `avcC` / `hvcC`, and with it the codec string. */
  readonly config?: Buffer
}

const AAC_FRAME = 1024
const AUDIO_BYTES = 128

/**
 * Footage of any rate and shape that no decoder shows: each frame is one NAL unit of the right type whose first
 * four payload bytes count the frames from 0, and filler. For load, limits and measurements, without ffmpeg.
 */
export function synthetic(options: SyntheticOptions = {}): Footage {
  const { fps = 25, gop = 2, bitrate = 1_000_000, syncWeight = 8 } = options
  const tracks = [videoTrack(options), audioTrack(options)].filter(track => track !== undefined)
  const framesPerGop =
    gop === Number.POSITIVE_INFINITY ? Number.POSITIVE_INFINITY : Math.max(1, Math.round(gop * fps))
  const sizeOf = frameSizes(bitrate / 8 / fps, framesPerGop, syncWeight)

  return {
    tracks,
    *samples(): Generator<Sample, never> {
      const counts = tracks.map(() => 0)
      for (;;) {
        const track = earliest(tracks, counts, fps)
        const count = counts[track] ?? 0
        counts[track] = count + 1
        const { kind, timescale } = tracks[track] as Track
        if (kind === 'audio') {
          yield { track, timestamp: count * AAC_FRAME, sync: true, data: Buffer.alloc(AUDIO_BYTES, 0xa5) }
          continue
        }
        const sync = framesPerGop === Number.POSITIVE_INFINITY ? count === 0 : count % framesPerGop === 0
        const data = nalUnit(options.video === 'h265', sync, count, sizeOf(sync))
        yield { track, timestamp: Math.round((count * timescale) / fps), sync, data }
      }
    },
  }
}

/** The sequence number that a synthetic video frame carries, from the bytes of its `mdat`. */
export function frameNumber(data: Uint8Array): number {
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength).readUInt32BE(NUMBER_OFFSET)
}

/** Where a frame carries its number. */
export const NUMBER_OFFSET = 6
const SMALLEST_FRAME = NUMBER_OFFSET + 4

function nalUnit(h265: boolean, sync: boolean, count: number, size: number): Buffer {
  const data = Buffer.alloc(size, 0xa5)
  data.writeUInt32BE(size - 4, 0)
  data.writeUInt16BE(h265 ? (sync ? 0x2601 : 0x0201) : sync ? 0x6588 : 0x419a, 4)
  data.writeUInt32BE(count % 2 ** 32, NUMBER_OFFSET)
  return data
}

/** Sizes whose average over a GOP is `mean`, with a sync sample `weight` times as large as the rest. */
function frameSizes(mean: number, framesPerGop: number, weight: number): (sync: boolean) => number {
  const frames = Math.min(framesPerGop, 1e6)
  const other = (mean * frames) / (frames - 1 + weight)
  const bytes = (size: number) => Math.max(SMALLEST_FRAME, Math.round(size))
  return sync => bytes(sync ? other * weight : other)
}

function earliest(tracks: readonly Track[], counts: readonly number[], fps: number): number {
  let best = 0
  let bestTime = Number.POSITIVE_INFINITY
  tracks.forEach((track, index) => {
    const count = counts[index] ?? 0
    const time = track.kind === 'video' ? count / fps : (count * AAC_FRAME) / track.timescale
    if (time < bestTime) {
      best = index
      bestTime = time
    }
  })
  return best
}

function videoTrack(options: SyntheticOptions): VideoTrack | undefined {
  const { video = 'h264', timescale = 90_000, width = 1920, height = 1080 } = options
  if (video === 'none') return undefined
  const config = options.config ?? (video === 'h264' ? H264_CONFIG : H265_CONFIG)
  return { kind: 'video', codec: video, timescale, width, height, config }
}

function audioTrack({ audio = 'aac', sampleRate = 16_000 }: SyntheticOptions): AudioTrack | undefined {
  if (audio === 'none') return undefined
  const config = audio === 'aac' ? AAC_CONFIG : Buffer.alloc(0)
  return { kind: 'audio', codec: audio, timescale: sampleRate, channels: 1, config }
}
