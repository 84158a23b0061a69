import type { Writable } from 'node:stream'
import type { Every } from '../ledger/timers.ts'

export interface SseMessage {
  readonly id?: string
  readonly event: string
  readonly data: unknown
}

/** A client that has so much unread is cut: it comes back and resumes. */
const MAX_QUEUED_BYTES = 64 * 1024
/** Below what proxies take for silence. */
const HEARTBEAT_MS = 15_000
/** What a browser waits before it comes back. */
const RETRY_MS = 3000

/** Server-sent events (WHATWG HTML, 9.2) to one client: bounded, with a heartbeat, until either side ends it. */
export class SseStream {
  readonly #out: Writable

  constructor(out: Writable, every: Every) {
    this.#out = out
    out.once(
      'close',
      every(HEARTBEAT_MS, () => this.#write(':\n\n')),
    )
    this.#write(`retry: ${RETRY_MS}\n\n`)
  }

  send({ id, event, data }: SseMessage): void {
    const name = id === undefined ? '' : `id: ${id}\n`
    this.#write(`${name}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`)
  }

  /** As bytes: a text that waits would wait in V8's heap. */
  #write(text: string): void {
    if (this.#out.destroyed) return
    if (this.#out.writableLength > MAX_QUEUED_BYTES) this.#out.destroy()
    else this.#out.write(Buffer.from(text))
  }
}
