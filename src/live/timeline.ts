import type { InitSegment } from '../fmp4/init-segment.ts'
import type { Memory } from '../fmp4/reader.ts'
import { primaryTrack } from './continuity.ts'
import { Framed } from './framed.ts'
import type { Framing } from './framing.ts'
import type { Packet } from './packet.ts'

/**
 * The decode times of one or many viewers: hub time less one shift, the same for all tracks. Viewers who joined in
 * the same GOP share a timeline and with it the wrapped packets.
 */
export class Timeline {
  readonly framing: Framing
  /** True while newcomers still join it: what it has wrapped is kept for them. */
  open = false
  readonly #shifts: readonly number[]
  readonly #memory: Memory
  readonly #wrapped = new Map<number, Framed>()
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
    this.#shifts = init.tracks.map(track => Math.round((shift * track.timescale) / timescale))
  }

  /** The decode time of a packet for the viewers of this timeline; negative before their beginning. */
  timeOf(packet: Packet): number {
    return packet.decodeTime - this.#shifts[packet.fragment.track.index]!
  }

  /** The packet as it is sent, held once for the caller; kept for other viewers until `settle`. */
  wrap(packet: Packet): Framed {
    let framed = this.#wrapped.get(packet.sequence)
    if (!framed) {
      framed = Framed.rebased(packet, this.timeOf(packet), this.framing, this.#memory)
      if (this.#wrapped.size === 0) this.#onWrap(this)
      this.#wrapped.set(packet.sequence, framed)
    }
    return framed.hold()
  }

  /** Forgets what it has wrapped. */
  settle(): void {
    for (const framed of this.#wrapped.values()) framed.drop()
    this.#wrapped.clear()
  }
}
