import type { Part } from '../recording/part.ts'
import type { Segment } from '../recording/segment.ts'
import type { Window } from '../window/window.ts'
import { mapName, partName, segmentName } from './media-name.ts'

export interface PlaylistOptions {
  /** What the URIs begin with: relative to the playlist, without a trailing slash. */
  readonly folder: string
  /** Whole seconds. */
  readonly targetDuration: number
  readonly partSeconds: number
}

/** Plain HLS (RFC 8216bis, 4.4): the complete segments. */
export function renderPlain(window: Window, { folder, targetDuration }: PlaylistOptions): string {
  const { segments } = window
  const lines = head(window, targetDuration, segments[0]?.number ?? window.openNumber)
  let before: Segment | undefined
  for (const segment of segments) {
    lines.push(...opening(segment, before, folder), ...whole(segment, folder))
    before = segment
  }
  return `${lines.join('\n')}\n`
}

/** Parts are listed for segments that end within so many target durations of the end (RFC 8216bis, 6.2.2). */
const PARTS_FOR = 3
/** `CAN-SKIP-UNTIL` and `PART-HOLD-BACK`, in target durations and part targets (RFC 8216bis, 4.4.3.8). */
const SKIP_UNTIL = 6
export const HOLD_BACK = 3
/** How far the sum of the durations that players read, each of them rounded, may be from what it stands for, in seconds. */
const ROUNDING = 1e-3

/** Low-Latency HLS; with `skip` a delta update where there is something to skip (RFC 8216bis, 6.2.5.1). */
export function renderLowLatency(window: Window, options: PlaylistOptions, skip: boolean): string {
  const { folder, targetDuration, partSeconds } = options
  const { segments, open } = window
  const lines = head(window, targetDuration, segments[0]?.number ?? window.openNumber)
  const partTarget = ceiled(partSeconds)
  const holdBack = ceiled(HOLD_BACK * Number(partTarget))
  const skipUntil = SKIP_UNTIL * targetDuration
  lines.push(
    `#EXT-X-PART-INF:PART-TARGET=${partTarget}`,
    `#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=${holdBack},CAN-SKIP-UNTIL=${skipUntil}`,
  )
  const end = open?.end ?? segments.at(-1)?.end ?? 0
  const skipped = skip ? segments.filter(segment => end - segment.end >= skipUntil + ROUNDING).length : 0
  if (skipped > 0) lines.push(`#EXT-X-SKIP:SKIPPED-SEGMENTS=${skipped}`)
  let before = segments[skipped - 1]
  for (const segment of segments.slice(skipped)) {
    lines.push(...opening(segment, before, folder))
    if (segment.partial && end - segment.end + ROUNDING < PARTS_FOR * targetDuration)
      lines.push(...parts(segment, folder))
    lines.push(...whole(segment, folder))
    before = segment
  }
  if (open) lines.push(...opening(open, before, folder), ...parts(open, folder))
  const hint = `${folder}/${partName(window.openNumber, open?.parts.length ?? 0)}`
  lines.push(`#EXT-X-PRELOAD-HINT:TYPE=PART,URI="${hint}"`)
  return `${lines.join('\n')}\n`
}

function head(window: Window, targetDuration: number, first: number): string[] {
  return [
    '#EXTM3U',
    '#EXT-X-VERSION:9',
    `#EXT-X-TARGETDURATION:${targetDuration}`,
    `#EXT-X-MEDIA-SEQUENCE:${first}`,
    `#EXT-X-DISCONTINUITY-SEQUENCE:${window.discontinuitySequence}`,
  ]
}

function opening(segment: Segment, before: Segment | undefined, folder: string): string[] {
  const lines: string[] = []
  if (segment.discontinuity) lines.push('#EXT-X-DISCONTINUITY')
  if (segment.map !== before?.map) lines.push(`#EXT-X-MAP:URI="${folder}/${mapName(segment.map.number)}"`)
  lines.push(`#EXT-X-PROGRAM-DATE-TIME:${new Date(segment.date).toISOString()}`)
  return lines
}

function whole(segment: Segment, folder: string): string[] {
  return [`#EXTINF:${seconds(segment.seconds)},`, `${folder}/${segmentName(segment.number)}`]
}

function parts(segment: Segment, folder: string): string[] {
  return segment.parts.map((part: Part, index) => {
    const uri = `${folder}/${partName(segment.number, index)}`
    return `#EXT-X-PART:DURATION=${seconds(part.seconds)},URI="${uri}"${part.independent ? ',INDEPENDENT=YES' : ''}`
  })
}

function seconds(value: number): string {
  return value.toFixed(6)
}

/** Never less than what it bounds. */
function ceiled(value: number): string {
  return (Math.ceil(value * 1e6 - 1e-3) / 1e6).toFixed(6)
}
