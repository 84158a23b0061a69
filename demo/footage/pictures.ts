import { readFileSync } from 'node:fs'
import type { Footage, Sample } from './footage.ts'

const TIMESCALE = 90_000

/** Bundled JPEG files, one after another in one file, shown one a second. */
export function pictures(path: URL): Footage {
  const frames = splitJpegs(readFileSync(path))
  if (frames.length === 0) throw new Error(`${path} has no pictures`)
  return {
    tracks: [
      {
        kind: 'video',
        codec: 'jpeg',
        timescale: TIMESCALE,
        width: 640,
        height: 360,
        config: Buffer.alloc(0),
      },
    ],
    *samples(): Generator<Sample, never> {
      for (let second = 0; ; second++) {
        const data = frames[second % frames.length] as Buffer
        yield { track: 0, timestamp: second * TIMESCALE, sync: true, data }
      }
    },
  }
}

const START = Buffer.from([0xff, 0xd8, 0xff])

/** Each picture runs from one SOI marker to the next: entropy-coded data never contains `FF D8`. */
export function splitJpegs(file: Buffer): Buffer[] {
  const starts: number[] = []
  for (let at = file.indexOf(START); at >= 0; at = file.indexOf(START, at + 1)) starts.push(at)
  return starts.map((start, index) => file.subarray(start, starts[index + 1]))
}
