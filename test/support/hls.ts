import type { Test } from 'tap'
import { initSegment } from '../../demo/fmp4/init-segment.ts'
import { Muxer } from '../../demo/fmp4/muxer.ts'
import type { Sample } from '../../demo/footage/footage.ts'
import { type SyntheticOptions, synthetic } from '../../demo/footage/synthetic.ts'
import { children, findBox, needBox, readType, readUint64, viewOf } from '../../src/fmp4/boxes/box.ts'
import { HlsStream } from '../../src/hls/hls-stream.ts'
import { firstPosition, type Position } from '../../src/hls/window/position.ts'
import type { LiveOptions } from '../../src/live/admission/live-streams.ts'
import { PLAIN_VIDEO } from '../../src/live/camera/playable.ts'
import { liveStreams, ManualSource } from './live.ts'

const MIB = 1024 * 1024

export const ROOMY = {
  fragmentBytes: MIB,
  viewerBytes: MIB,
  streamBytes: 64 * MIB,
  processBytes: 64 * MIB,
}

/** What becomes of a sample on its way; undefined if it is lost. */
export type Disturb = (sample: Sample) => Sample | undefined

/** What go2rtc sends of a camera, without end. */
function* boxesOf(options: SyntheticOptions, disturb: Disturb): Generator<Buffer, never> {
  const { tracks, samples } = synthetic({ fps: 10, gop: 1, bitrate: 80_000, audio: 'none', ...options })
  const muxer = new Muxer(tracks)
  yield initSegment(tracks)
  for (const source = samples(); ; ) {
    const sample = disturb(source.next().value)
    if (sample) yield muxer.fragment(sample.track, sample)
  }
}

/** A camera that is played by hand, as fast as the test likes, and the hub that reads it. */
export async function playedCamera(
  t: Test,
  options: SyntheticOptions,
  live: Partial<LiveOptions> = {},
  disturb: Disturb = sample => sample,
) {
  const source = new ManualSource()
  const { live: streams, logged } = liveStreams(t, { limits: ROOMY, ...live }, source)
  const boxes = boxesOf(options, disturb)
  const finding = streams.find('cam', PLAIN_VIDEO)
  source.send(boxes.next().value)
  const hub = await finding
  const send = (count: number) => {
    for (let i = 0; i < count; i++) source.send(boxes.next().value)
  }
  return { source, streams, logged, hub, send }
}

/** HLS of a hub; `closed` says how it ended. */
export function hlsOf(
  hub: Awaited<ReturnType<typeof playedCamera>>['hub'],
  { segments = 6, position = firstPosition() } = {},
) {
  const ended: string[] = []
  const kept: Position[] = []
  const options = { segments, position, keep: (next: Position) => kept.push(next) }
  const hls = new HlsStream(hub, options, (_, error) => ended.push(error.code))
  return { hls, ended, kept }
}

export interface ReadSample {
  readonly track: number
  /** In units of the track's timescale. */
  readonly decodeTime: number
  readonly duration: number
  readonly sync: boolean
  readonly data: Uint8Array
}

/** The samples of segments and parts, in the order in which they lie there. */
export function readSamples(bytes: Uint8Array): ReadSample[] {
  const view = viewOf(bytes)
  const samples: ReadSample[] = []
  for (const box of children(view, 0, bytes.length)) {
    if (box.type !== 'moof') continue
    for (const traf of children(view, box.body, box.end)) {
      if (traf.type !== 'traf') continue
      const tfhd = needBox(view, traf, ['tfhd'])
      const tfdt = needBox(view, traf, ['tfdt'])
      const trun = needBox(view, traf, ['trun'])
      let decodeTime = readUint64(view, tfdt.body + 4)
      let at = box.start + view.getInt32(trun.body + 8)
      for (let i = 0; i < view.getUint32(trun.body + 4); i++) {
        const entry = trun.body + 12 + i * 16
        const [duration, size, flags] = [0, 4, 8].map(offset => view.getUint32(entry + offset)) as [
          number,
          number,
          number,
        ]
        samples.push({
          track: view.getUint32(tfhd.body + 4),
          decodeTime,
          duration,
          sync: (flags & 0x1_0000) === 0,
          data: bytes.subarray(at, at + size),
        })
        decodeTime += duration
        at += size
      }
    }
  }
  return samples
}

/** The types of the boxes at the top. */
export function boxTypes(bytes: Uint8Array): string[] {
  const view = viewOf(bytes)
  return [...children(view, 0, bytes.length)].map(box => readType(view, box.start + 4))
}

export function hasBox(bytes: Uint8Array, path: readonly string[]): boolean {
  return findBox(viewOf(bytes), { body: 0, end: bytes.length }, path) !== undefined
}

export function joined(parts: readonly { readonly chunks: readonly Uint8Array[] }[]): Buffer {
  return Buffer.concat(parts.flatMap(part => part.chunks))
}
