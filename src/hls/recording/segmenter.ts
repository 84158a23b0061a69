import type { Sample } from '../../fmp4/fragments/fragment.ts'
import type { Memory } from '../../fmp4/fragments/reader.ts'
import type { Track } from '../../fmp4/init/init-segment.ts'
import type { Packet } from '../../live/memory/ring.ts'
import { Part, type Run, sampleData } from './part.ts'
import type { HlsTimeline } from './timeline.ts'
import type { Timing } from './timing.ts'

export interface SegmenterEvents {
  /** The next part of the current segment, held once for the receiver. */
  part(part: Part): void
  /** The current segment is complete; the next part begins another. */
  segmentEnd(): void
}

/** A part ends without waiting for the next sample where not even one so much of the last would fit: clocks jitter. */
const SHORTEST_NEXT = 0.85

interface Placed {
  readonly packet: Packet
  /** In units of its track's timescale. */
  readonly time: number
  readonly duration: number
}

/**
 * Groups the hub's packets into parts and these into segments. Segments end at the first keyframe after a second, or
 * before they would be longer than the target duration. The track that governs GOPs governs time too: its durations
 * are those of parts and segments, and the others go along in the order in which they came.
 */
export class Segmenter {
  readonly #primary: Track
  readonly #timing: Timing
  readonly #timeline: HlsTimeline
  readonly #memory: Memory
  readonly #events: SegmenterEvents
  #pending: Placed[] = []
  #pendingPrimary = 0
  #independent = false
  /** Where the current part and segment begin, in units of the primary timescale. */
  #partStart: number
  #segmentStart: number
  #sequence: number

  constructor(
    primary: Track,
    timing: Timing,
    timeline: HlsTimeline,
    sequence: number,
    memory: Memory,
    events: SegmenterEvents,
  ) {
    this.#primary = primary
    this.#timing = timing
    this.#timeline = timeline
    this.#memory = memory
    this.#events = events
    this.#sequence = sequence
    this.#partStart = this.#segmentStart = timeline.endOf(primary)
  }

  /** The number that the next fragment carries. */
  get sequence(): number {
    return this.#sequence
  }

  /** Length of the current segment so far, in seconds. */
  get seconds(): number {
    return (this.#end - this.#segmentStart) / this.#primary.timescale
  }

  /** Holds the packet as long as it needs it. Throws `LIVE_BUDGET_EXHAUSTED` if a header does not fit into memory. */
  push(packet: Packet): void {
    const isPrimary = packet.fragment.track.index === this.#primary.index
    if (isPrimary) this.#cutBefore(packet)
    const time = this.#timeline.place(packet)
    if (time === undefined) return
    packet.holdPrivately()
    const duration = this.#timeline.durationOf(packet)
    this.#pending.push({ packet, time, duration })
    if (!isPrimary) return
    if (++this.#pendingPrimary === 1) this.#independent = packet.fragment.sync
    if (!this.#fitsPart(duration * SHORTEST_NEXT)) this.#endPart()
  }

  /** Ends the current segment here, whatever comes next. */
  cut(): void {
    this.#endPart()
    if (this.#partStart === this.#segmentStart) return
    this.#segmentStart = this.#partStart
    this.#events.segmentEnd()
  }

  close(): void {
    for (const { packet } of this.#pending) packet.drop()
    this.#pending = []
    this.#pendingPrimary = 0
  }

  get #end(): number {
    return this.#timeline.endOf(this.#primary)
  }

  #cutBefore(packet: Packet): void {
    const duration = this.#timeline.durationOf(packet)
    const { minSeconds, maxSeconds, gopSeconds } = this.#timing
    const { timescale } = this.#primary
    const { seconds } = this
    const full = seconds + duration / timescale > maxSeconds
    const good = packet.startsGop && (seconds >= minSeconds || seconds + gopSeconds > maxSeconds)
    if (seconds > 0 && (full || good)) this.cut()
    else if (!this.#fitsPart(duration)) this.#endPart()
  }

  /** Whether another sample of this duration, in units of the primary timescale, fits into the current part. */
  #fitsPart(duration: number): boolean {
    return (
      (this.#end - this.#partStart + duration) / this.#primary.timescale <= this.#timing.partSeconds + 1e-6
    )
  }

  /** What came of other tracks since the last sample of the primary one waits for the next part. */
  #endPart(): void {
    if (this.#pendingPrimary === 0) return
    const { timescale } = this.#primary
    const placed = this.#pending
    const start = this.#partStart / timescale
    const end = this.#end
    const fields = {
      sequence: this.#sequence++,
      start,
      seconds: end / timescale - start,
      independent: this.#independent,
    }
    this.#pending = []
    this.#pendingPrimary = 0
    this.#partStart = end
    const packets = placed.map(({ packet }) => packet)
    this.#events.part(new Part(fields, runsOf(placed), packets, this.#memory))
  }
}

/** One run for each track, in the order of the tracks. */
function runsOf(placed: readonly Placed[]): Run[] {
  const tracks = [...new Set(placed.map(({ packet }) => packet.fragment.track))]
  tracks.sort((a, b) => a.index - b.index)
  return tracks.map(track =>
    runOf(
      track,
      placed.filter(({ packet }) => packet.fragment.track === track),
    ),
  )
}

/** Where a packet lasts longer here than it says, and where there is a hole behind it, its last sample does. */
function runOf(track: Track, placed: readonly Placed[]): Run {
  const decodeTime = placed[0]!.time
  const samples: Sample[] = []
  for (const [i, { packet, time, duration }] of placed.entries()) {
    const end = placed[i + 1]?.time ?? time + duration
    samples.push(...packet.fragment.samples)
    const longer = end - time - packet.fragment.duration
    const last = samples.at(-1)!
    if (longer > 0) samples[samples.length - 1] = { ...last, duration: last.duration + longer }
  }
  return { trackId: track.id, decodeTime, samples, data: placed.map(({ packet }) => sampleData(packet)) }
}
