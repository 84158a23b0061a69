import { readFileSync } from 'node:fs'
import { readClip } from '../fmp4/read-clip.ts'
import type { Footage, Sample } from './footage.ts'

/** A bundled clip, played in a loop whose times go on without a seam. */
export function clip(path: URL): Footage {
  const { tracks, samples } = readClip(readFileSync(path))
  const video = tracks.findIndex(({ kind }) => kind === 'video')
  const frames = samples.filter(({ track }) => track === video)
  const [first, second] = frames
  const timescale = tracks[video]?.timescale
  if (!first || !second || !timescale) throw new Error(`${path} has no video`)
  const seconds = (frames.length * (second.timestamp - first.timestamp)) / timescale

  const startOf = tracks.map((_, index) => samples.find(({ track }) => track === index)?.timestamp ?? 0)
  const loop = samples
    .map(sample => ({ ...sample, timestamp: sample.timestamp - (startOf[sample.track] ?? 0) }))
    .map(sample => ({ sample, time: sample.timestamp / (tracks[sample.track]?.timescale ?? 1) }))
    .filter(({ time }) => time < seconds)
    .sort((a, b) => a.time - b.time || a.sample.track - b.sample.track)
    .map(({ sample }) => sample)

  return {
    tracks,
    *samples(): Generator<Sample, never> {
      for (let round = 0; ; round++) {
        for (const sample of loop) {
          const elapsed = round * seconds * (tracks[sample.track]?.timescale ?? 1)
          yield { ...sample, timestamp: elapsed + sample.timestamp }
        }
      }
    },
  }
}
