import type { Track } from '../fmp4/init-segment.ts'
import type { Packet } from '../live/packet.ts'
import { canLeadIn } from './lead-in.ts'
import { type Timing, timingOf } from './timing.ts'

/** How a stream begins. In seconds. */
export interface Start {
  readonly timing: Timing
  /** How long the packets are that are there. */
  readonly kept: number
  /** How long the still picture before the first packet is, and in how many segments. */
  readonly leadIn: number
  readonly leadInPieces: number
  /** The kept packets are a segment by themselves: the end of their GOP is too far away. */
  readonly cut: boolean
}

/** A camera whose GOP is not over by then is taken as it is. */
const PATIENCE = 2.5
const SHORTEST_LEAD_IN = 0.5
const LONGEST_LEAD_IN = 5
const SHORTEST_CUT = 0.5

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
    wanted < SHORTEST_LEAD_IN || !canLeadIn(first, tracks) ? 0 : Math.min(wanted, LONGEST_LEAD_IN)
  const leadInPieces = Math.ceil(leadIn / timing.segmentSeconds)
  const step = leadInPieces * (timing.frameSeconds ?? 0)
  const untilNext = timing.segmentSeconds - seconds
  return {
    timing,
    kept: seconds,
    leadIn: step > 0 ? Math.ceil(leadIn / step - 1e-6) * step : leadIn,
    leadInPieces,
    cut: seconds >= SHORTEST_CUT && leadIn + 0.5 < untilNext,
  }
}
