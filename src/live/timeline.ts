import type { InitSegment } from '../fmp4/init-segment.ts'
import type { Memory } from '../fmp4/reader.ts'
import { type Batch, gather } from './batch.ts'
import { primaryTrack } from './continuity.ts'
import { Framed } from './framed.ts'
import type { Framing } from './framing.ts'
import type { Packet } from './packet.ts'
import type { Ring } from './ring.ts'

/**
 * The decode times of one or many viewers: hub time less one shift, the same for all tracks. Viewers who joined in
 * the same GOP share a timeline and with it the wrapped packets.
 */
export class Timeline {
  readonly framing: Framing
  /** True while newcomers still join it: what it has wrapped is kept for them. */
  open = false
  /** Where a viewer begins: nothing sent of any track. */
  readonly origin: readonly number[]
  /** What it lies behind hub time, by track index, in units of its timescale. */
  readonly shifts: readonly number[]
  readonly #memory: Memory
  readonly #wrapped = new Map<number, Framed>()
  readonly #batches: Batch[] = []
  readonly #onWrap: (timeline: Timeline) => void

  /** `shift` is in units of the primary track's timescale; `onWrap` is told when there is something to settle. */
  constructor(
    shift: number,
    init: InitSegment,
    framing: Framing,
    memory: Memory,
    onWrap: (timeline: Timeline) => void,
  ) {
    this.framing = framing
    this.#memory = memory
    this.#onWrap = onWrap
    const { timescale } = primaryTrack(init)
    this.shifts = init.tracks.map(track => Math.round((shift * track.timescale) / timescale))
    this.origin = init.tracks.map(() => 0)
  }

  /**
   * The packets from `from` up to `end` for a viewer whose tracks have got to `before`, held once for the caller.
   * Nothing is in it that lies before that. Undefined if there are none.
   */
  batch(ring: Ring, from: number, end: number, before: readonly number[]): Batch | undefined {
    const known = this.#batches.find(batch => batch.continues(from, before) && batch.next <= end)
    if (known) return known.hold()
    const batch = gather(ring, from, end, before, (packet, ends) => this.#wrap(packet, ends))
    if (!batch) return undefined
    this.#touch()
    this.#batches.push(batch)
    return batch.hold()
  }

  /** Forgets what no newcomer will ask for. */
  settle(): void {
    for (const batch of this.#batches.splice(0)) batch.drop()
    if (this.open) return
    for (const framed of this.#wrapped.values()) framed.drop()
    this.#wrapped.clear()
  }

  #wrap(packet: Packet, ends: number[]): Framed | undefined {
    const { track, duration } = packet.fragment
    const time = packet.decodeTime - this.shifts[track.index]!
    if (time < ends[track.index]!) return undefined
    let framed = this.#wrapped.get(packet.sequence)
    if (!framed) {
      framed = Framed.rebased(packet, time, this.framing, this.#memory)
      this.#touch()
      this.#wrapped.set(packet.sequence, framed)
    }
    ends[track.index] = time + duration
    return framed.hold()
  }

  #touch(): void {
    if (this.#wrapped.size === 0 && this.#batches.length === 0) this.#onWrap(this)
  }
}
