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

/**
 * A camera whose pictures say when they were taken: real H.264 and AAC, a keyframe every so many seconds. `grain`, up to
 * 100, sets its bitrate: 70 makes that of a real one, none some 60 kbit/s.
 */
export function datedCamera({ gopSeconds = 2, grain = 0 } = {}) {
  const clip = smallClip({
    fps: FPS,
    gop: gopSeconds * FPS,
    size: `${COLUMNS * COLUMN_WIDTH}x180`,
    source: 'color',
    filter: grain > 0 ? `${NUMBERED},noise=alls=${grain}:allf=t` : NUMBERED,
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
    /** Of picture and sound, in kbit/s. */
    bitrate: (bytesOf(clip, LOOP_SECONDS) * 8) / 1000 / LOOP_SECONDS,
    /** How old a picture was that was seen at `at` (milliseconds since the epoch); pictures repeat after 16 seconds. */
    ageMs(frame: number, at: number): number {
      const loop = LOOP_SECONDS * 1000
      return (((at - startedAt - (frame * 1000) / FPS) % loop) + loop) % loop
    },
  }
}

function bytesOf({ tracks, samples }: Footage, seconds: number): number {
  let bytes = 0
  const media = samples()
  for (let { value } = media.next(); ; { value } = media.next()) {
    if (value.timestamp >= seconds * tracks[value.track]!.timescale) return bytes
    bytes += value.data.length
  }
}
