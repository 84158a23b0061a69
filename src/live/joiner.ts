import type { ByteBudget } from './budget.ts'
import type { Framing } from './framing.ts'
import { Joined } from './joined.ts'
import type { Packet } from './packet.ts'
import type { Ring } from './ring.ts'
import type { Scratch } from './scratch.ts'

/** Joining copies: what does not fit in goes behind as it is. */
const MOST_BYTES = 64 * 1024

/** Joins the packets of one hub for one transport; viewers who are equally far get the same bytes one after another. */
export class Joiner {
  readonly framing: Framing
  readonly #ring: Ring
  readonly #trackCount: number
  readonly #memory: ByteBudget
  readonly #scratch: Scratch
  #current: Joined | undefined
  #buffer: Buffer | undefined
  /** Filled anew again and again: compilers unlearn what comes and goes too quickly. */
  #spare: Joined

  constructor(ring: Ring, framing: Framing, trackCount: number, memory: ByteBudget, scratch: Scratch) {
    this.#ring = ring
    this.framing = framing
    this.#trackCount = trackCount
    this.#memory = memory
    this.#scratch = scratch
    this.#spare = new Joined(framing, trackCount, memory)
  }

  /**
   * What comes from `from` on, and before packet `end`, on the timeline that lies `shifts` behind hub time and whose tracks have got to `ends`,
   * which is brought up to date; good until the next call. Undefined if there is nothing that can be joined.
   */
  from(from: number, end: number, shifts: readonly number[], ends: number[]): Joined | undefined {
    let joined = this.#current
    const isIt = joined?.from === from && joined.next <= end
    if (!isIt || (joined!.taken && !joined!.fits(shifts, ends))) joined = this.#join(from, end)
    if (!joined?.fits(shifts, ends)) return undefined
    joined.stamp(shifts, ends)
    return joined
  }

  /** Nothing more is asked for at the moment. */
  settle(): void {
    const joined = this.#current
    if (!joined) return
    this.#current = undefined
    if (joined.taken) this.#spare = new Joined(this.framing, this.#trackCount, this.#memory)
    else this.#scratch.give(this.#buffer!)
    this.#buffer = undefined
    joined.drop()
  }

  #join(from: number, end: number): Joined | undefined {
    this.settle()
    const packets: Packet[] = []
    let last: Packet | undefined
    let bytes = 0
    while (!last && from + packets.length < end) {
      const packet = this.#ring.at(from + packets.length)
      if (!packet) break
      const { mdat } = packet.fragment
      const head = this.framing.headerBytes(packet.bytes) + packet.bytes - mdat.length
      if (bytes + head > MOST_BYTES) break
      if (bytes + head + mdat.length > MOST_BYTES) last = packet
      packets.push(packet)
      bytes += last ? head : head + mdat.length
    }
    if (packets.length === 0 || !this.#memory.takeFree(bytes)) return undefined
    this.#buffer = this.#scratch.take(bytes)
    this.#spare.fill(packets, this.#buffer.subarray(0, bytes), last)
    this.#current = this.#spare
    return this.#current
  }
}
