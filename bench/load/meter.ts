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
  /** Places where a track's timeline is not contiguous or goes back. */
  timelineBreaks = 0
  /** When the first sync sample was there in full, after the init segment. */
  firstFrameAt: number | undefined
  lastFrameAt: number | undefined
  readonly #numbered: boolean
  readonly #stream = new BoxStream((type, content) => this.#take(type, content))
  readonly #expected = new Map<number, number>()
  #videoTrack: number | undefined
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
    if (type === 'moov') this.#videoTrack = videoTrackOf(content)
    else if (type === 'moof') this.#readMoof(content)
    else if (type === 'mdat') this.#readData(content)
  }

  #readMoof(content: Buffer): void {
    this.#video = undefined
    for (const traf of boxes(content).filter(({ type }) => type === 'traf')) {
      for (const { trackId, decodeTime, duration, sync } of sampleHeaders(traf)) {
        const expected = this.#expected.get(trackId)
        if (expected !== undefined && expected !== decodeTime) this.timelineBreaks++
        this.#expected.set(trackId, decodeTime + duration)
        if (trackId === this.#videoTrack) this.#video = { sync }
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

function videoTrackOf(moov: Buffer): number | undefined {
  const video = boxes(moov)
    .filter(({ type }) => type === 'trak')
    .find(trak => descendant(trak, 'mdia', 'hdlr').content.toString('latin1', 8, 12) === 'vide')
  return video && child(video, 'tkhd').content.readUInt32BE(12)
}
