import { boxes, child, descendant } from '../../demo/fmp4/boxes.ts'
import { sampleHeaders } from '../../demo/fmp4/track-fragment.ts'
import { frameNumber } from '../../demo/footage/synthetic.ts'
import { BoxStream } from './box-stream.ts'

/** What one viewer got. Times in milliseconds, on `performance.now()`'s clock. */
export class Meter {
  bytes = 0
  frames = 0
  /** Frames of the camera that did not come, by the numbers that synthetic frames carry. */
  missedFrames = 0
  /** Places where the timeline of the pictures is not contiguous. */
  videoBreaks = 0
  /** The largest hole or overlap in the timeline of the sound, in milliseconds. */
  audioBreakMs = 0
  /** When the first sync sample was there in full, after the init segment. */
  firstFrameAt: number | undefined
  lastFrameAt: number | undefined
  readonly #numbered: boolean
  readonly #stream = new BoxStream((type, content) => this.#take(type, content))
  readonly #expected = new Map<number, number>()
  #tracks: ReadonlyMap<number, TrackInfo> = new Map()
  #video: { readonly sync: boolean } | undefined
  #lastNumber: number | undefined

  /** `numbered`: the camera is synthetic footage. */
  constructor(numbered: boolean) {
    this.#numbered = numbered
  }

  push(piece: Buffer): void {
    this.bytes += piece.length
    this.#stream.push(piece)
  }

  #take(type: string, content: Buffer): void {
    if (type === 'moov') this.#tracks = tracksOf(content)
    else if (type === 'moof') this.#readMoof(content)
    else if (type === 'mdat') this.#readData(content)
  }

  #readMoof(content: Buffer): void {
    this.#video = undefined
    for (const traf of boxes(content).filter(({ type }) => type === 'traf')) {
      for (const { trackId, decodeTime, duration, sync } of sampleHeaders(traf)) {
        const track = this.#tracks.get(trackId)
        if (!track) continue
        const apart = Math.abs(decodeTime - (this.#expected.get(trackId) ?? decodeTime))
        if (track.video && apart > 0) this.videoBreaks++
        if (!track.video) this.audioBreakMs = Math.max(this.audioBreakMs, (apart * 1000) / track.timescale)
        this.#expected.set(trackId, decodeTime + duration)
        if (track.video) this.#video = { sync }
      }
    }
  }

  #readData(beginning: Buffer): void {
    if (!this.#video) return
    this.frames++
    this.lastFrameAt = performance.now()
    if (this.#video.sync) this.firstFrameAt ??= this.lastFrameAt
    if (!this.#numbered) return
    const number = frameNumber(beginning)
    if (this.#lastNumber !== undefined) this.missedFrames += Math.max(0, number - this.#lastNumber - 1)
    this.#lastNumber = number
  }
}

interface TrackInfo {
  readonly video: boolean
  readonly timescale: number
}

function tracksOf(moov: Buffer): Map<number, TrackInfo> {
  const traks = boxes(moov).filter(({ type }) => type === 'trak')
  return new Map(
    traks.map(trak => [
      child(trak, 'tkhd').content.readUInt32BE(12),
      {
        video: descendant(trak, 'mdia', 'hdlr').content.toString('latin1', 8, 12) === 'vide',
        timescale: descendant(trak, 'mdia', 'mdhd').content.readUInt32BE(12),
      },
    ]),
  )
}
