import { boxes, descendant, only } from '../../demo/fmp4/boxes.ts'
import { initSegment } from '../../demo/fmp4/init-segment.ts'
import { Muxer } from '../../demo/fmp4/muxer.ts'
import type { Sample } from '../../demo/footage/footage.ts'
import { NUMBER_OFFSET, synthetic } from '../../demo/footage/synthetic.ts'
import { contentType } from '../../demo/go2rtc/selection.ts'

export interface TapeOptions {
  /** Seconds from one sync sample to the next. */
  readonly gop: number
  /** Of the video, in bits a second. */
  readonly bitrate: number
}

export const FRAMES_PER_SECOND = 30
const SAMPLE_RATE = 48_000
const AAC_FRAME = 1024
const MARKER = Buffer.from('\x93camgate', 'latin1')
const MARK_BYTES = 24
/** Flags of a mark. */
const SYNC = 1
const SOUND = 2

/**
 * What `bench/camera.c` plays in a loop: 77 fragments a second, 30 of them pictures. Each fragment ends with a mark (marker,
 * flags, number, time of sending), the last two filled in while it plays. Integers little-endian.
 */
export function tape({ gop, bitrate }: TapeOptions): Buffer {
  const { tracks, samples } = synthetic({
    gop,
    bitrate,
    fps: FRAMES_PER_SECOND,
    sampleRate: SAMPLE_RATE,
  })
  const source = samples()
  const muxer = new Muxer(tracks)
  const seconds = loopSeconds(gop)
  const secondsOf = ({ timestamp, track }: Sample) => timestamp / tracks[track]!.timescale
  const frames = Math.round(seconds * FRAMES_PER_SECOND)

  const records: Buffer[] = []
  let frame = 0
  for (;;) {
    const sample = source.next().value
    const at = secondsOf(sample)
    if (at > 2 * seconds - 1e-6) break
    const fragment = muxer.fragment(sample.track, mark(sample))
    // The first round only tells the muxer how long each sample lasts.
    if (at < seconds - 1e-6) continue
    const picture = sample.track === 0
    records.push(
      record(
        fragment,
        sample,
        at - seconds,
        seconds * tracks[sample.track]!.timescale,
        picture ? frame++ : 0,
      ),
    )
  }
  const mime = Buffer.from(contentType(tracks))
  const init = initSegment(tracks)
  const ticks = tracks.map(({ timescale }) => seconds * timescale)
  const head = [...u64s(seconds * 1e9, ...ticks), ...u32s(frames, records.length, mime.length, init.length)]
  return Buffer.concat([...head, mime, init, ...records])
}

/** The shortest time in which both a GOP and an AAC frame begin anew; 8 s or more, so that not every GOP is alike. */
function loopSeconds(gop: number): number {
  for (let seconds = gop; ; seconds += gop) {
    const packets = (seconds * SAMPLE_RATE) / AAC_FRAME
    if (seconds >= 8 && Math.abs(packets - Math.round(packets)) < 1e-6) return Math.round(seconds * 1e6) / 1e6
  }
}

function mark(sample: Sample): Sample {
  const at = sample.data.length - MARK_BYTES
  MARKER.copy(sample.data, at)
  sample.data.writeUInt32LE(sample.track === 0 ? (sample.sync ? SYNC : 0) : SOUND, at + MARKER.length)
  return sample
}

function record(fragment: Buffer, sample: Sample, at: number, loopTicks: number, frame: number): Buffer {
  const moof = only(boxes(fragment), 'moof')
  const tfdt = descendant(moof, 'traf', 'tfdt').start + 12
  const picture = sample.track === 0
  const number = picture ? fragment.length - sample.data.length + NUMBER_OFFSET : 0
  const mark = fragment.length - MARK_BYTES
  return Buffer.concat([
    ...u64s(Math.round(at * 1e9), sample.timestamp - loopTicks),
    ...u32s(sample.track, picture && sample.sync ? 1 : 0, tfdt, number, mark, frame, fragment.length),
    fragment,
  ])
}

function u32s(...values: readonly number[]): Buffer[] {
  return values.map(value => {
    const bytes = Buffer.alloc(4)
    bytes.writeUInt32LE(value)
    return bytes
  })
}

function u64s(...values: readonly number[]): Buffer[] {
  return values.map(value => {
    const bytes = Buffer.alloc(8)
    bytes.writeBigUInt64LE(BigInt(Math.round(value)))
    return bytes
  })
}
