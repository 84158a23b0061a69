import type { ServerResponse } from 'node:http'
import type { ByteRange } from '../clips/range.ts'
import { Delivery } from './delivery.ts'
import type { Part } from './part.ts'
import type { Window } from './window.ts'

/** What of a window is on its way to clients. */
export class Deliveries {
  readonly #running = new Set<Delivery>()

  /** Writes parts as the body of a response whose head is written, and holds them until it is through. */
  add(response: ServerResponse, parts: readonly Part[], range: ByteRange): void {
    this.#running.add(new Delivery(response, parts, range, delivery => this.#running.delete(delivery)))
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
}
