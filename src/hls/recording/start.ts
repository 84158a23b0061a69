import type { Track } from '../../fmp4/init/init-segment.ts'
import type { Packet } from '../../live/memory/ring.ts'
import { HOLD_BACK } from '../playlists/media-playlist.ts'
import { canLeadIn } from './lead-in.ts'
import { SHORTEST_SHARE, type Timing, timingOf } from './timing.ts'

/** How a stream begins. In seconds. */
export interface Start {
  readonly timing: Timing
  /** How long the packets are that are there. */
  readonly kept: number
  /** Of each piece of the still picture before the first packet: segments, then the parts of the last one. */
  readonly leadIn: readonly number[]
  /** The kept packets are a segment by themselves: the end of their GOP is too far away. */
  readonly cut: boolean
}

/** A camera whose GOP is not over by then is taken as it is. */
const PATIENCE = 2.5
const SHORTEST_LEAD_IN = 0.5
const LONGEST_LEAD_IN = 5
const SHORTEST_CUT = 0.5
/** Of sums of frames. */
const ROUNDING = 1e-6

/**
 * Decides from what there is: packets from a keyframe on, and the GOP if one was seen whole. Undefined if it is worth
 * waiting for more. Players need in hand what passes until they see the next segment: its length, and about as much
 * between their looks at the playlist.
 */
export function startFrom(
  packets: readonly Packet[],
  primary: Track,
  tracks: readonly Track[],
  gop: number | undefined,
): Start | undefined {
  const own = packets.filter(packet => packet.fragment.track.index === primary.index)
  const [first] = own
  const last = own.at(-1)
  if (!first || !last) return undefined
  const seconds = (last.decodeTime + last.fragment.duration - first.decodeTime) / primary.timescale
  if (gop === undefined && seconds < PATIENCE) return undefined
  const frames = own.flatMap(({ fragment }) => fragment.samples.map(one => one.duration / primary.timescale))
  const timing = timingOf(frames, gop)
  const wanted = 2 * timing.segmentSeconds + 0.5 - seconds
  const leadIn =
    wanted < SHORTEST_LEAD_IN || !canLeadIn(first, tracks)
      ? []
      : leadInOf(Math.min(wanted, LONGEST_LEAD_IN), timing)
  const stillSeconds = leadIn.reduce((sum, one) => sum + one, 0)
  const untilNext = timing.segmentSeconds - seconds
  return {
    timing,
    kept: seconds,
    leadIn,
    cut: seconds >= SHORTEST_CUT && stillSeconds + 0.5 < untilNext,
  }
}

/**
 * Segments of whole frames, and at last one in parts, as many as a player with low latency begins in front of the end: where
 * it has to begin before all parts, hls.js loads none of them until the open segment is complete.
 */
function leadInOf(seconds: number, { segmentSeconds, partSeconds, frameSeconds = 0 }: Timing): number[] {
  const part = wholeFrames(partSeconds, frameSeconds)
  const parts = Math.ceil((HOLD_BACK * partSeconds) / part - ROUNDING)
  const before = seconds - parts * part
  const still = new Array<number>(parts).fill(part)
  if (before < ROUNDING) return still
  const count = Math.ceil(before / segmentSeconds)
  const each =
    frameSeconds > 0 ? Math.ceil(before / count / frameSeconds - ROUNDING) * frameSeconds : before / count
  // Longer than a part in any case, which is how it is told from one.
  return [...new Array<number>(count).fill(Math.max(each, part + (frameSeconds || part))), ...still]
}

/** As many as fit into a part, if that is as long as a part has to be. */
function wholeFrames(partSeconds: number, frameSeconds: number): number {
  const seconds = Math.floor(partSeconds / frameSeconds + ROUNDING) * frameSeconds
  return seconds >= SHORTEST_SHARE * partSeconds ? seconds : partSeconds
}
