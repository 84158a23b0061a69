import { BudgetExhausted } from './errors.ts'
import type { Framed } from './framed.ts'
import type { Packet } from './packet.ts'
import type { Ring } from './ring.ts'

/** One write takes about as much: enough for few system calls, little enough that a stalled viewer holds little. */
const WRITE_BYTES = 64 * 1024

/**
 * Packets as one write sends them. Viewers of one timeline who are equally far share a batch: its chunks are put together
 * once, and everything in it is held until the last of them has sent it.
 */
export class Batch {
  /** The sequence number of the first packet, and of the one after the last. */
  readonly from: number
  readonly next: number
  /** Where each track had got to before it, by track index. */
  readonly #before: readonly number[]
  /** Bytes of `moof` and `mdat`, without transport headers. */
  readonly bytes: number
  /** Where each track has got to with this batch, by track index. */
  readonly ends: readonly number[]
  /** What to send when each packet is a message of its own. */
  readonly chunks: readonly Uint8Array[]
  readonly #framed: readonly Framed[]
  #bare: readonly Uint8Array[] | undefined
  #holders = 1

  constructor(
    from: number,
    next: number,
    framed: readonly Framed[],
    before: readonly number[],
    ends: readonly number[],
  ) {
    this.from = from
    this.next = next
    this.#before = before
    this.ends = ends
    this.#framed = framed
    const chunks: Uint8Array[] = []
    let bytes = 0
    for (const one of framed) {
      chunks.push(one.head, one.packet.fragment.mdat)
      bytes += one.bytes
    }
    this.chunks = chunks
    this.bytes = bytes
  }

  /** What to send inside a message that holds several packets. */
  get bare(): readonly Uint8Array[] {
    this.#bare ??= this.#framed.flatMap(one => [one.moof, one.packet.fragment.mdat])
    return this.#bare
  }

  /** True if it is what comes after packet `from - 1` for a viewer whose tracks have got to `before`. */
  continues(from: number, before: readonly number[]): boolean {
    return from === this.from && before.every((end, track) => end === this.#before[track])
  }

  hold(): this {
    this.#holders++
    return this
  }

  drop(): void {
    if (--this.#holders > 0) return
    for (const one of this.#framed) one.drop()
  }
}

/** Wraps a packet, or gives undefined if it has no place; `ends` is to be brought up to date. */
export type Wrap = (packet: Packet, ends: number[]) => Framed | undefined

/**
 * Collects packets from `from` up to `end` for one write. Undefined if there are none; throws BUDGET_EXHAUSTED only if
 * not even the first could be wrapped.
 */
export function gather(
  ring: Ring,
  from: number,
  end: number,
  before: readonly number[],
  wrap: Wrap,
): Batch | undefined {
  const framed: Framed[] = []
  const ends = [...before]
  let next = from
  let bytes = 0
  try {
    while (next < end && bytes < WRITE_BYTES) {
      const packet = ring.at(next)
      if (!packet) break
      const one = wrap(packet, ends)
      next++
      if (!one) continue
      framed.push(one)
      bytes += one.bytes
    }
  } catch (error) {
    if (framed.length === 0 || !(error instanceof BudgetExhausted)) throw error
  }
  return next === from ? undefined : new Batch(from, next, framed, [...before], ends)
}
