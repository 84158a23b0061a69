/** What differs between the versions of Frigate that are spoken to. Where each was read: `docs/frigate.md`. */
export interface Dialect {
  /** The parameter of `latest.jpg` that sets its height in pixels. */
  readonly heightParameter: 'h' | 'height'
  /** Whether `/api/events/:id/clip.mp4` has a length and takes Range; else it is a live fragmented pipe. */
  readonly clipRanges: boolean
  /** What the segments of `/vod/…` are. */
  readonly vod: 'ts' | 'fmp4'
}

const DIALECTS: readonly (readonly [minor: number, dialect: Dialect])[] = [
  [14, { heightParameter: 'h', clipRanges: true, vod: 'ts' }],
  [15, { heightParameter: 'height', clipRanges: false, vod: 'ts' }],
  [17, { heightParameter: 'height', clipRanges: false, vod: 'fmp4' }],
]

/** The dialect of a version as `/api/version` tells it (`0.15.2-23d0d6e`): a newer or unknown one speaks the newest. */
export function dialectOf(version: string): Dialect {
  const minor = minorOf(version)
  const known = DIALECTS.filter(([from]) => from <= minor)
  return (known.at(-1) ?? DIALECTS[0]!)[1]
}

function minorOf(version: string): number {
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(version) ?? []
  if (major === undefined || Number(major) > 0) return Number.POSITIVE_INFINITY
  return Number(minor)
}
