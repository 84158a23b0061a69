import type { IncomingHttpHeaders } from 'node:http'
import type { Dispatcher } from 'undici'
import type { PulledBody } from './media.ts'

export interface PulledAnswer {
  readonly statusCode: number
  readonly headers: IncomingHttpHeaders
  readonly body: PulledBody & {
    /** Resolves to whether there is anything in it, as soon as that is known. */
    readonly begun: Promise<boolean>
  }
}

/** What is read ahead of the reader, in bytes. */
const AHEAD_BYTES = 64 * 1024
/** Where reading ahead stops in the middle of what the socket has read, in bytes. */
const MOST_BYTES = 4 * AHEAD_BYTES

/**
 * An answer of an upstream's whose body is pulled. It pauses where a read of the socket ends, because undici copies what
 * lies beyond a pause.
 */
export class PulledResponse implements Dispatcher.DispatchHandler, PulledBody {
  readonly #answer = Promise.withResolvers<PulledAnswer>()
  readonly #begun = Promise.withResolvers<boolean>()
  readonly #done = Promise.withResolvers<void>()
  readonly #signal: AbortSignal | undefined
  readonly #explain: (error: unknown) => unknown
  readonly #onAbort = () => this.#abort(this.#signal?.reason)
  #controller: Dispatcher.DispatchController | undefined
  #aborted: Error | undefined
  readonly #chunks: Buffer[] = []
  #ahead = 0
  #closed = false
  #ended = false
  #failure: unknown
  #wake = () => {}

  /** To be given to `dispatch`. An abort ends it at any time; `explain` makes of other errors those that are thrown. */
  constructor(signal: AbortSignal | undefined, explain: (error: unknown) => unknown) {
    this.#signal = signal
    this.#explain = explain
    this.#answer.promise.catch(() => {})
    this.#begun.promise.catch(() => {})
    if (signal?.aborted) this.#onAbort()
    else signal?.addEventListener('abort', this.#onAbort, { once: true })
  }

  /** Resolves with the headers; rejects if there are none. */
  get answer(): Promise<PulledAnswer> {
    return this.#answer.promise
  }

  get begun(): Promise<boolean> {
    return this.#begun.promise
  }

  /** Resolves when the upstream is done with it, in whatever way. */
  get done(): Promise<void> {
    return this.#done.promise
  }

  async read(into: Buffer): Promise<number> {
    while (!this.#closed) {
      const [chunk] = this.#chunks
      if (chunk) return this.#take(chunk, into)
      if (this.#failure !== undefined) throw this.#failure
      if (this.#ended) return 0
      const more = new Promise<void>(resolve => {
        this.#wake = resolve
      })
      if (this.#controller?.paused) this.#controller.resume()
      await more
    }
    return 0
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    if (!this.#ended) this.#abort(new Error('closed'))
    this.#chunks.length = 0
    this.#wake()
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    if (this.#aborted) controller.abort(this.#aborted)
  }

  onResponseStart(_: Dispatcher.DispatchController, statusCode: number, headers: IncomingHttpHeaders): void {
    if (statusCode >= 200) this.#answer.resolve({ statusCode, headers, body: this })
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#closed || chunk.length === 0) return
    this.#begun.resolve(true)
    this.#chunks.push(chunk)
    this.#ahead += chunk.length
    if (this.#ahead >= MOST_BYTES || (this.#ahead >= AHEAD_BYTES && endsItsMemory(chunk))) controller.pause()
    this.#wake()
  }

  onResponseEnd(): void {
    this.#end(undefined)
  }

  onResponseError(_: Dispatcher.DispatchController, error: Error): void {
    this.#end(this.#aborted ?? this.#explain(error))
  }

  #take(chunk: Buffer, into: Buffer): number {
    const bytes = chunk.copy(into)
    if (bytes === chunk.length) this.#chunks.shift()
    else this.#chunks[0] = chunk.subarray(bytes)
    this.#ahead -= bytes
    return bytes
  }

  /** Also of a request that waits in line, which is not begun then. */
  #abort(reason: Error): void {
    if (this.#aborted) return
    this.#aborted = reason
    this.#answer.reject(reason)
    this.#begun.reject(reason)
    this.#controller?.abort(reason)
  }

  #end(failure: unknown): void {
    this.#signal?.removeEventListener('abort', this.#onAbort)
    this.#ended = true
    this.#failure = failure
    this.#answer.reject(failure)
    if (failure === undefined) this.#begun.resolve(false)
    else this.#begun.reject(failure)
    this.#done.resolve()
    this.#wake()
  }
}

/** Whether a chunk reaches to the end of the memory that one read of a socket has filled. */
function endsItsMemory(chunk: Buffer): boolean {
  return chunk.byteOffset + chunk.length === chunk.buffer.byteLength
}
