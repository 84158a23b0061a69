/** What differs between the versions of Frigate that are spoken to. Where each was read: `docs/frigate.md`. */
export interface Dialect {
  /** The parameter of `latest.jpg` that sets its height in pixels. */
  readonly heightParameter: 'h' | 'height'
  /** Whether `/api/events/:id/clip.mp4` has a length and takes Range; else it is a live fragmented pipe. */
  readonly clipRanges: boolean
  /** What the segments of `/vod/…` are. */
  readonly vod: 'ts' | 'fmp4'
  /** Where the live streams of a camera are named in `/api/config`: one name, or names by label. */
  readonly liveStreams: 'stream_name' | 'streams'
  /** Where thumbnails are: base64 in every event of a list that does not say otherwise, or in files of their own. */
  readonly thumbnails: 'inline' | 'file'
  /** What recordings without a time are those of: the hour before the request, or before Frigate's own start. */
  readonly recordings: 'last hour' | 'hour before start'
}

const V14: Dialect = {
  heightParameter: 'h',
  clipRanges: true,
  vod: 'ts',
  liveStreams: 'stream_name',
  thumbnails: 'inline',
  recordings: 'last hour',
}
const V15: Dialect = {
  ...V14,
  heightParameter: 'height',
  clipRanges: false,
  recordings: 'hour before start',
}
const V16: Dialect = { ...V15, liveStreams: 'streams', thumbnails: 'file' }
const V17: Dialect = { ...V16, vod: 'fmp4' }

const DIALECTS: readonly (readonly [minor: number, dialect: Dialect])[] = [
  [14, V14],
  [15, V15],
  [16, V16],
  [17, V17],
]

const HOUR = 3600

/** What is said in every request where versions take different things for granted, so that all of them do the same. */
export const SAID_TO_ALL = {
  eventList: { include_thumbnails: 0 },
  /** Epoch seconds. */
  recordings: ({ after, before }: { after?: number | undefined; before?: number | undefined }) => {
    const end = before ?? Date.now() / 1000
    return { after: after ?? end - HOUR, before: end }
  },
} as const

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
