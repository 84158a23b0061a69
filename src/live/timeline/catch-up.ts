import { BudgetExhausted } from '../errors.ts'
import type { Packet, Ring } from '../memory/ring.ts'
import type { Head } from './head.ts'

/** The most that one write carries, in bytes; a packet that is larger goes alone. */
export const WRITE_BYTES = 60 * 1024

/** What a viewer is sent in one write. Nothing changes its bytes before `release` is called, once. */
export interface Outgoing {
  readonly chunks: readonly Uint8Array[]
  /** Of all chunks. */
  readonly bytes: number
  /** The write has to wait: the bytes are still needed when it returns. */
  waits(): void
  /** The write is done. */
  release(): void
}

/** How a packet is sent: its head for the viewer's timeline, or undefined if it has no place there. It brings `ends` up to date. */
export type MakeHead = (packet: Packet, ends: number[]) => Head | undefined

/**
 * Packets where they lie in memory, each with a head. It copies no media, so that any number of viewers who wait hold the same
 * bytes: newcomers, those who were moved on, and those who lag.
 */
export class CatchUp implements Outgoing {
  readonly chunks: Uint8Array[] = []
  bytes = 0
  readonly #packets: Packet[] = []
  readonly #heads: Head[] = []

  /** Takes over the hold of the head. */
  add(packet: Packet, head: Head, withHeader: boolean): void {
    packet.hold()
    this.#packets.push(packet)
    this.#heads.push(head)
    this.push(withHeader ? head.bytes : head.moof)
    this.push(packet.fragment.mdat)
  }

  /** Something that lies in no packet. */
  push(chunk: Uint8Array): void {
    this.chunks.push(chunk)
    this.bytes += chunk.length
  }

  unshift(chunk: Uint8Array): void {
    this.chunks.unshift(chunk)
    this.bytes += chunk.length
  }

  waits(): void {}

  release(): void {
    for (const packet of this.#packets) packet.drop()
    for (const head of this.#heads) head.drop()
  }
}

/** What a viewer who is at packet `from` is sent next, up to packet `end`. */
export interface Gathered {
  readonly write: CatchUp
  /** The packet after the last. */
  readonly next: number
  /** Where each track has got to, by track index. */
  readonly ends: number[]
}

/**
 * Gathers one write. Packets without a place are passed over. `withHeader`: each is a message of its own. Throws
 * LIVE_BUDGET_EXHAUSTED only if not even the first head fits into memory.
 */
export function gather(
  ring: Ring,
  from: number,
  end: number,
  before: readonly number[],
  makeHead: MakeHead,
  withHeader: boolean,
): Gathered {
  const write = new CatchUp()
  const ends = [...before]
  let next = from
  try {
    for (; next < end; next++) {
      const packet = ring.at(next)
      if (!packet || (write.bytes > 0 && write.bytes + packet.bytes > WRITE_BYTES)) break
      const head = makeHead(packet, ends)
      if (head) write.add(packet, head, withHeader)
    }
  } catch (error) {
    if (write.bytes === 0 || !(error instanceof BudgetExhausted)) {
      write.release()
      throw error
    }
  }
  return { write, next, ends }
}
