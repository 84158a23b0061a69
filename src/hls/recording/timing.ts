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
const WISHED_PART = 0.28
const LONGEST_PART = 0.7
/** Parts are to be at least so much of the part target (RFC 8216bis, 4.4.4.9). */
export const SHORTEST_SHARE = 0.85
/** How unlike parts of the same number of frames may have been, for a target that those to come fit under as well. */
const SAFE_SPREAD = (1 - SHORTEST_SHARE) * 0.6
/** More than what a clock of 90 kHz makes of equal frames. */
const JITTER = 0.01

/** `frames` are durations of samples that were seen, in their order; `gop` is undefined if no GOP was seen whole. */
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
    partSeconds: Math.min(frame ? partOf(frames, frame) : WISHED_PART, targetDuration),
    frameSeconds: frame?.median,
  }
}

interface Frame {
  readonly median: number
  readonly longest: number
}

function usualFrame(frames: readonly number[]): Frame | undefined {
  const sorted = frames.filter(seconds => seconds > 0).sort((a, b) => a - b)
  const median = sorted[sorted.length >> 1]
  if (median === undefined) return undefined
  return { median, longest: sorted.findLast(seconds => isUsual(seconds, median))! }
}

/** Longer than half as much again is a gap; much shorter is what go2rtc says of the first keyframe. */
function isUsual(seconds: number, median: number): boolean {
  return seconds <= median * 1.5 && seconds >= median / 4
}

/**
 * A whole number of frames, two of them where that is not too long, so that a lost one does not make a part longer than
 * its target. Where frames jitter it is as many as came out alike so far, and the target is such that what varies lies
 * in the middle of what is allowed.
 */
function partOf(frames: readonly number[], { median, longest }: Frame): number {
  const fewest = Math.max(Math.round(WISHED_PART / median), median * 2 <= LONGEST_PART ? 2 : 1)
  if (longest <= median * (1 + JITTER)) return longest * fewest
  let best = { target: longest * fewest, spread: Number.POSITIVE_INFINITY }
  for (let count = fewest; best.spread > SAFE_SPREAD && count * longest <= LONGEST_PART; count++) {
    const lengths = lengthsOf(frames, count, median)
    const [shortest, most] = [Math.min(...lengths), Math.max(...lengths)]
    const spread = (most - shortest) / most
    const target = (shortest + most) / (1 + SHORTEST_SHARE)
    if (spread < best.spread) best = { target, spread }
  }
  return best.target
}

/** How long so many frames in a row were, wherever there was nothing unusual among them. */
function lengthsOf(frames: readonly number[], count: number, median: number): number[] {
  const lengths: number[] = []
  for (let end = count; end <= frames.length; end++) {
    const run = frames.slice(end - count, end)
    if (run.every(seconds => isUsual(seconds, median))) lengths.push(run.reduce((sum, one) => sum + one, 0))
  }
  return lengths
}
