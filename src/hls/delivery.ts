import type { ServerResponse } from 'node:http'
import type { ByteRange } from '../clips/range.ts'
import type { Part } from './part.ts'

/**
 * Parts on their way to one client, held until they have left or never will: a response closes when the system has all of it, or
 * when its connection's handle is closed and libuv with it has let go of what it had not written.
 */
export class Delivery {
  readonly parts: readonly Part[]
  readonly #response: ServerResponse
  readonly #onEnd: (delivery: Delivery) => void
  #ended = false

  /** Writes the body of a response whose head is written. */
  constructor(
    response: ServerResponse,
    parts: readonly Part[],
    range: ByteRange,
    onEnd: (delivery: Delivery) => void,
  ) {
    this.parts = parts
    this.#response = response
    this.#onEnd = onEnd
    for (const part of parts) part.hold()
    response.once('close', () => this.#end())
    for (const chunk of slices(parts, range)) response.write(chunk)
    response.end()
  }

  /** Breaks it off: its bytes are needed. */
  cancel(): void {
    this.#response.destroy()
    for (const part of this.parts) part.leaveToCollector()
    this.#end()
  }

  #end(): void {
    if (this.#ended) return
    this.#ended = true
    for (const part of this.parts) part.drop()
    this.#onEnd(this)
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
