/** How a stream is cut, fixed before its first playlist. In seconds. */
export interface Timing {
  /** `EXT-X-TARGETDURATION`, a whole number. */
  readonly targetDuration: number
  /** What a segment of this camera will usually be. */
  readonly segmentSeconds: number
  readonly gopSeconds: number
  /** A segment ends at the first keyframe after so long. */
  readonly minSeconds: number
  /** No segment is longer: rounded, it would be more than the target duration (RFC 8216bis, 4.4.3.1). */
  readonly maxSeconds: number
  /** `PART-TARGET`, so many frames of the camera. */
  readonly partSeconds: number
  /** Of the usual sample, and so of the usual picture. */
  readonly frameSeconds: number | undefined
}

const LONGEST_TARGET = 10
/** "At least a second", less the jitter of a camera's clock. */
const SHORTEST_SEGMENT = 0.9
const WISHED_PART = 0.3
const LONGEST_PART = 0.7
const JITTER_FRAMES = 7

/** `frames` are durations of samples that were seen; `gop` is undefined if no GOP was seen whole. */
export function timingOf(frames: readonly number[], gop: number | undefined): Timing {
  const frame = usualFrame(frames)
  const usual = gop === undefined ? LONGEST_TARGET : Math.ceil(SHORTEST_SEGMENT / gop) * gop
  const segmentSeconds = Math.min(usual, LONGEST_TARGET)
  const margin = Math.max(0.25, segmentSeconds * 0.05)
  const targetDuration = Math.min(Math.max(1, Math.round(segmentSeconds + margin)), LONGEST_TARGET)
  return {
    targetDuration,
    segmentSeconds,
    gopSeconds: gop ?? LONGEST_TARGET,
    minSeconds: SHORTEST_SEGMENT,
    maxSeconds: targetDuration + 0.49,
    partSeconds: Math.min(partOf(frame), targetDuration),
    frameSeconds: frame?.median,
  }
}

interface Frame {
  readonly median: number
  readonly longest: number
}

/** Of the durations that were seen; longer ones than half as much again are gaps. */
function usualFrame(frames: readonly number[]): Frame | undefined {
  const sorted = frames.filter(seconds => seconds > 0).sort((a, b) => a - b)
  const median = sorted[sorted.length >> 1]
  if (median === undefined) return undefined
  return { median, longest: sorted.findLast(seconds => seconds <= median * 1.5)! }
}

/**
 * A whole number of the longest frames, so that parts come out alike. Where frames jitter there are at least seven,
 * so that a part that one more would not fit into is still 85 % of it (RFC 8216bis, 4.4.4.9).
 */
function partOf(frame: Frame | undefined): number {
  if (!frame) return WISHED_PART
  const { median, longest } = frame
  const wished = Math.max(1, Math.round(WISHED_PART / longest))
  const jitters = longest > median * 1.01
  const frames = jitters && longest * JITTER_FRAMES <= LONGEST_PART ? Math.max(wished, JITTER_FRAMES) : wished
  return longest * frames
}
