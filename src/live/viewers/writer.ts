import type { Outgoing } from '../timeline/catch-up.ts'
import type { BlockFill } from './block-fill.ts'
import type { EndCause, Sink } from './sink.ts'

/** How bytes leave for one viewer: one write after the other. It notices when a write stalls. */
export class Writer {
  readonly #sink: Sink
  readonly #blocks: BlockFill | undefined
  readonly #done: () => void
  readonly #written = (): void => this.#finish()
  #busy = false
  #closed = false
  #waiting: Outgoing | undefined
  #bytes = 0
  #isBurst = false
  /** How much was queued at the last look, and since when it has been that much; -1 if nothing was. */
  #queued = -1
  #since = 0

  /** `blocks` are told of what is sent; `done` is called when a write that had to wait is done. */
  constructor(sink: Sink, blocks: BlockFill | undefined, done: () => void) {
    this.#sink = sink
    this.#blocks = blocks
    this.#done = done
  }

  /** A write waits: nothing else may be written. */
  get busy(): boolean {
    return this.#busy
  }

  /** Of the write that waits, in bytes, unless it belongs to an initial burst. */
  get bytes(): number {
    return this.#isBurst ? 0 : this.#bytes
  }

  /** The same if it does. */
  get burstBytes(): number {
    return this.#isBurst ? this.#bytes : 0
  }

  /** Writes media, and releases it when it has left. */
  write(outgoing: Outgoing, isBurst: boolean): void {
    const { chunks, bytes } = outgoing
    this.#blocks?.sent(bytes, performance.now())
    if (chunks.length === 0 || this.#sink.write(chunks, this.#written)) outgoing.release()
    else this.#wait(outgoing, bytes, isBurst)
  }

  /** Fills the block up behind the newest picture. More media would fill it as well. False if it needs nothing. */
  fillBlock(): boolean {
    const filling = this.#blocks?.due(performance.now())
    if (!filling) return false
    const [header, content] = filling
    if (!this.#sink.write(filling, this.#written))
      this.#wait(undefined, header.length + content.length, false)
    return true
  }

  /** The player has what it needs to start. */
  started(): void {
    this.#blocks?.start(performance.now())
  }

  /** For how long no write has been done, while one waits, in milliseconds. To be called now and then. */
  stalledFor(now: number): number {
    if (!this.#busy) return 0
    const { queued } = this.#sink
    if (queued !== this.#queued) {
      this.#queued = queued
      this.#since = now
    }
    return now - this.#since
  }

  /** Nothing is written any more, and `done` not called. */
  close(): void {
    this.#closed = true
    this.#letGo()
  }

  /** The hub lets the viewer go. */
  end(cause: EndCause): void {
    this.#sink.end(cause)
  }

  #wait(outgoing: Outgoing | undefined, bytes: number, isBurst: boolean): void {
    outgoing?.waits()
    this.#busy = true
    this.#waiting = outgoing
    this.#bytes = bytes
    this.#isBurst = isBurst
  }

  #finish(): void {
    if (this.#closed) return
    this.#letGo()
    this.#busy = false
    this.#queued = -1
    this.#done()
  }

  #letGo(): void {
    this.#waiting?.release()
    this.#waiting = undefined
    this.#bytes = 0
  }
}
