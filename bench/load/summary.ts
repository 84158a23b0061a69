import type { Viewer } from './viewer.ts'

/** The `share` (0..1) of the sorted values; `undefined` of none. */
export function percentile(values: readonly number[], share: number): number | undefined {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)]
}

export type Summary = ReturnType<typeof summarize>

/** What a crowd got; times in milliseconds from the beginning of the connection. */
export function summarize(viewers: readonly Viewer[], stalled: ReadonlySet<Viewer>, seconds: number) {
  const taking = viewers.filter(viewer => !stalled.has(viewer))
  const sum = (of: (viewer: Viewer) => number) => taking.reduce((total, viewer) => total + of(viewer), 0)
  const waits = viewers.flatMap(({ meter, startedAt }) =>
    meter.firstFrameAt === undefined ? [] : [meter.firstFrameAt - startedAt],
  )
  const round = (value: number | undefined) => value && Math.round(value * 10) / 10
  const bytes = sum(({ meter }) => meter.bytes)
  return {
    viewers: viewers.length,
    stalled: stalled.size,
    gotPicture: waits.length,
    firstFrameMs: {
      p50: round(percentile(waits, 0.5)),
      p95: round(percentile(waits, 0.95)),
      max: round(percentile(waits, 1)),
    },
    seconds: round(seconds),
    megabytes: round(bytes / 1e6),
    megabitsPerSecond: round((bytes * 8) / 1e6 / seconds),
    frames: sum(({ meter }) => meter.frames),
    missedFrames: sum(({ meter }) => meter.missedFrames),
    videoBreaks: sum(({ meter }) => meter.videoBreaks),
    audioBreakMs: round(Math.max(0, ...taking.map(({ meter }) => meter.audioBreakMs))),
    ended: countBy(viewers.flatMap(({ ended }) => (ended === undefined ? [] : [ended]))),
  }
}

function countBy(values: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const value of values) counts[value] = (counts[value] ?? 0) + 1
  return counts
}
