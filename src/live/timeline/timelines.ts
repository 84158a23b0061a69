/** timeline/: how packets are sent: decode times that begin at 0 for each viewer, the framing of a transport, and writes that viewers share. */

import type { Memory } from '../../fmp4/fragments/reader.ts'
import type { InitSegment } from '../../fmp4/init/init-segment.ts'
import { primaryTrack } from '../camera/continuity.ts'
import type { ByteBudget } from '../memory/budget.ts'
import type { Packet, Ring } from '../memory/ring.ts'
import type { Framing } from './framing.ts'
import { Head } from './head.ts'
import { type Scratch, SharedWrites } from './shared-writes.ts'

/** The decode times of one viewer, or of all who joined in the same GOP: those of the stream less one shift for all tracks. */
export class Timeline {
  /** Where a viewer begins: nothing sent of any track. */
  readonly origin: readonly number[]
  /** The shift by track index, in units of its timescale. */
  readonly shifts: readonly number[]
  readonly #framing: Framing
  readonly #memory: Memory
  /** Kept for newcomers, while there may be any. */
  #heads: Map<number, Head> | undefined

  /** `shift` is in units of the primary track's timescale. */
  constructor(shift: number, init: InitSegment, framing: Framing, memory: Memory, isOpen: boolean) {
    this.#framing = framing
    this.#memory = memory
    const { timescale } = primaryTrack(init)
    this.shifts = init.tracks.map(track => Math.round((shift * track.timescale) / timescale))
    this.origin = init.tracks.map(() => 0)
    if (isOpen) this.#heads = new Map()
  }

  /** The head of a packet for a viewer whose tracks have got to `ends`, held for the caller; undefined if it lies before that. */
  readonly headOf = (packet: Packet, ends: number[]): Head | undefined => {
    const { track, duration } = packet.fragment
    const time = packet.decodeTime - this.shifts[track.index]!
    if (time < ends[track.index]!) return undefined
    const known = this.#heads?.get(packet.sequence)
    const head = known?.hold() ?? Head.rebased(packet, time, this.#framing, this.#memory)
    if (!known) this.#heads?.set(packet.sequence, head.hold())
    ends[track.index] = time + duration
    return head
  }

  /** No more newcomers begin on it. */
  close(): void {
    if (this.#heads) for (const head of this.#heads.values()) head.drop()
    this.#heads = undefined
  }
}

/** The timelines and the shared writes of one stream. */
export class Timelines {
  readonly #ring: Ring
  readonly #init: InitSegment
  readonly #budget: ByteBudget
  readonly #scratch: Scratch
  /** On which the kept GOP starts at 0. */
  readonly #newest = new Map<Framing, Timeline>()
  readonly #sharedWrites = new Map<Framing, SharedWrites>()

  constructor(ring: Ring, init: InitSegment, budget: ByteBudget, scratch: Scratch) {
    this.#ring = ring
    this.#init = init
    this.#budget = budget
    this.#scratch = scratch
  }

  /** On which `start`, of the primary track, is 0: that of all who join in the GOP that starts there. */
  newest(start: number, framing: Framing): Timeline {
    let timeline = this.#newest.get(framing)
    if (!timeline) {
      timeline = new Timeline(start, this.#init, framing, this.#budget, true)
      this.#newest.set(framing, timeline)
    }
    return timeline
  }

  /** One viewer's own; `shift` is in units of the primary track's timescale. */
  own(shift: number, framing: Framing): Timeline {
    return new Timeline(shift, this.#init, framing, this.#budget, false)
  }

  sharedWrites(framing: Framing): SharedWrites {
    let writes = this.#sharedWrites.get(framing)
    if (!writes) {
      writes = new SharedWrites(this.#ring, framing, this.#init.tracks.length, this.#budget, this.#scratch)
      this.#sharedWrites.set(framing, writes)
    }
    return writes
  }

  /** Packet `level` and those after it are about to be sent to everybody. */
  beginFlush(level: number): void {
    for (const writes of this.#sharedWrites.values()) writes.begin(level)
  }

  endFlush(): void {
    for (const writes of this.#sharedWrites.values()) writes.end()
  }

  /** Another GOP is kept, or none. */
  closeNewest(): void {
    for (const timeline of this.#newest.values()) timeline.close()
    this.#newest.clear()
  }

  close(): void {
    this.closeNewest()
    this.endFlush()
  }
}
