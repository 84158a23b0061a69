import type { ServerResponse } from 'node:http'
import type { ByteRange } from '../../http/range.ts'
import type { Part } from '../recording/part.ts'
import type { Window } from '../window/window.ts'
import { Delivery } from './delivery.ts'

/** What of a window is on its way to clients. */
export class Deliveries {
  readonly #running = new Set<Delivery>()

  /** Writes parts as the body of a response whose head is written, and holds them until it is through. */
  add(response: ServerResponse, parts: readonly Part[], range: ByteRange): void {
    const delivery = this.#begin(parts, () => response.destroy())
    response.once('close', () => delivery.end())
    for (const chunk of slices(parts, range)) response.write(chunk)
    response.end()
  }

  /** Breaks off those that are still busy with what the window has let go of. */
  cancelStale({ segments, open }: Window): void {
    const there = new Set([...segments, ...(open ? [open] : [])].flatMap(one => one.parts))
    for (const delivery of [...this.#running])
      if (!delivery.parts.every(part => there.has(part))) delivery.cancel()
  }

  cancelAll(): void {
    for (const delivery of [...this.#running]) delivery.cancel()
  }

  #begin(parts: readonly Part[], breakOff: () => void): Delivery {
    const delivery = new Delivery(parts, breakOff, ended => this.#running.delete(ended))
    this.#running.add(delivery)
    return delivery
  }
}

function* slices(parts: readonly Part[], { start, end }: ByteRange): Generator<Uint8Array> {
  let at = 0
  for (const part of parts)
    for (const chunk of part.chunks) {
      const from = Math.max(0, start - at)
      const to = Math.min(chunk.length, end + 1 - at)
      if (from < to) yield from === 0 && to === chunk.length ? chunk : chunk.subarray(from, to)
      at += chunk.length
    }
}
