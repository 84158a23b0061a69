import type { Footage } from '../../demo/footage/footage.ts'
import { smallClip } from '../../test/support/small-clip.ts'

const FPS = 25
const LOOP_SECONDS = 16

/** Columns of a picture: black or white for each bit of the frame's number, the lowest first, and a white one at the end. */
export const COLUMNS = 16
const COLUMN_WIDTH = 20
const NUMBERED = [
  `geq=lum='if(gte(X,${COLUMN_WIDTH * (COLUMNS - 1)}),255,255*mod(floor(N/pow(2,floor(X/${COLUMN_WIDTH}))),2))'`,
  'cb=128:cr=128',
].join(':')
const GRAIN = 'noise=alls=70:allf=t'

/**
 * A camera whose pictures say when they were taken: real H.264 and AAC, a keyframe every so many seconds. `grain` gives it
 * the bitrate of a real one: Chromium hands a plain `<video>` its bytes in large blocks, which are seconds of a flat picture.
 */
export function datedCamera({ gopSeconds = 2, grain = false } = {}) {
  const clip = smallClip({
    fps: FPS,
    gop: gopSeconds * FPS,
    size: `${COLUMNS * COLUMN_WIDTH}x180`,
    source: 'color',
    filter: grain ? `${NUMBERED},${GRAIN}` : NUMBERED,
  })
  let startedAt = 0
  const footage: Footage = {
    tracks: clip.tracks,
    samples: () => {
      startedAt = Date.now()
      return clip.samples()
    },
  }
  return {
    footage,
    /** How old a picture was that was seen at `at` (milliseconds since the epoch); pictures repeat after 16 seconds. */
    ageMs(frame: number, at: number): number {
      const loop = LOOP_SECONDS * 1000
      return (((at - startedAt - (frame * 1000) / FPS) % loop) + loop) % loop
    },
  }
}
