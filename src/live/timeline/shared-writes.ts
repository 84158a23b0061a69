import type { ByteBudget } from '../memory/budget.ts'
import type { Packet, Ring } from '../memory/ring.ts'
import { WRITE_BYTES } from './catch-up.ts'
import type { Framing } from './framing.ts'
import { SharedWrite } from './shared-write.ts'

const ROUNDED_TO = 4096
/** Buffers that are kept for the next flush. */
const MOST_IDLE = 2

/** Memory that is filled, written and filled again. What a waiting write still refers to is not given back. */
export class Scratch {
  readonly #idle: Buffer[] = []

  /** At least so many bytes, with anything in them. */
  take(bytes: number): Buffer {
    const idle = this.#idle.pop()
    if (idle && idle.length >= bytes) return idle
    return Buffer.allocUnsafeSlow(Math.ceil(bytes / ROUNDED_TO) * ROUNDED_TO)
  }

  give(buffer: Buffer): void {
    if (this.#idle.length < MOST_IDLE) this.#idle.push(buffer)
  }
}

interface Filled {
  readonly write: SharedWrite
  readonly buffer: Buffer
}

/** What one flush sends to all viewers of a transport who have received everything before it, in as many writes as it takes. */
export class SharedWrites {
  readonly #ring: Ring
  readonly #framing: Framing
  readonly #trackCount: number
  readonly #budget: ByteBudget
  readonly #scratch: Scratch
  /** In the order of their packets, without gaps. */
  readonly #filled: Filled[] = []
  /** Filled again and again: V8 discards the code for a class of which no object is left. */
  readonly #spare: SharedWrite[] = []
  #level = Number.POSITIVE_INFINITY

  constructor(ring: Ring, framing: Framing, trackCount: number, budget: ByteBudget, scratch: Scratch) {
    this.#ring = ring
    this.#framing = framing
    this.#trackCount = trackCount
    this.#budget = budget
    this.#scratch = scratch
  }

  /** A flush begins, with packet `level`. */
  begin(level: number): void {
    this.#level = level
  }

  /**
   * The write that comes next for a viewer at packet `from`, on the timeline that lies `shifts` behind the stream and whose tracks have
   * got to `ends`, which is brought up to date. Undefined where the viewer is not level with the others, or memory is short.
   */
  at(from: number, shifts: readonly number[], ends: number[]): SharedWrite | undefined {
    const index = this.#filled.findIndex(({ write }) => write.from === from)
    const known = this.#filled[index]?.write
    if (known && !known.fits(shifts, ends)) return undefined
    if (known?.isFree(shifts)) return known.stampFor(shifts, ends)
    if (!known && from !== (this.#filled.at(-1)?.write.next ?? this.#level)) return undefined
    const filled = this.#fill(from)
    if (!filled) return undefined
    if (known) this.#letGo(this.#filled.splice(index, 1, filled)[0]!)
    else this.#filled.push(filled)
    return filled.write.fits(shifts, ends) ? filled.write.stampFor(shifts, ends) : undefined
  }

  /** The flush is over. */
  end(): void {
    this.#level = Number.POSITIVE_INFINITY
    for (const filled of this.#filled.splice(0)) this.#letGo(filled)
  }

  #letGo({ write, buffer }: Filled): void {
    if (!write.taken) {
      this.#scratch.give(buffer)
      this.#spare.push(write)
    }
    write.release()
  }

  #fill(from: number): Filled | undefined {
    const packets: Packet[] = []
    let bytes = 0
    let large: Packet | undefined
    for (let packet = this.#ring.at(from); packet && !large; packet = this.#ring.at(from + packets.length)) {
      const whole = this.#framing.headerBytes(packet.bytes) + packet.bytes
      if (packets.length > 0 && bytes + whole > WRITE_BYTES) break
      packets.push(packet)
      if (whole > WRITE_BYTES) large = packet
      bytes += large ? whole - packet.fragment.mdat.length : whole
    }
    if (packets.length === 0 || !this.#budget.takeFree(bytes)) return undefined
    const write = this.#spare.pop() ?? new SharedWrite(this.#framing, this.#trackCount, this.#budget)
    const buffer = this.#scratch.take(bytes)
    write.fill(packets, buffer.subarray(0, bytes), large)
    return { write, buffer }
  }
}
