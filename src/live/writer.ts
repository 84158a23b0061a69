import type { BlockFill } from './block-fill.ts'
import type { Held, Joined } from './joined.ts'
import { Progress } from './progress.ts'
import type { EndCause, Sink } from './sink.ts'

/** How bytes leave for one viewer: one write after the other. What the one under way needs is held until it is done. */
export class Writer {
  #busy = false
  #closed = false
  readonly #sink: Sink
  readonly #blocks: BlockFill | undefined
  readonly #done: () => void
  readonly #written = (): void => this.#finish()
  #held: Held | undefined
  #bytes = 0
  #isHandover = false
  readonly #progress = new Progress()

  /** `blocks` are told of what is sent; `done` is called when a write that had to wait is done. */
  constructor(sink: Sink, blocks: BlockFill | undefined, done: () => void) {
    this.#sink = sink
    this.#blocks = blocks
    this.#done = done
  }

  /** A write is under way: nothing else may be written. */
  get busy(): boolean {
    return this.#busy
  }

  /** Of the write under way, in bytes. */
  get bytes(): number {
    return this.#bytes
  }

  /** The same if it belongs to a hand-over; else 0. */
  get handoverBytes(): number {
    return this.#isHandover ? this.#bytes : 0
  }

  /** Media, for which `held` is held until all of them have left. */
  write(chunks: readonly Uint8Array[], held: Held | undefined, bytes: number, isHandover = false): void {
    this.#blocks?.sent(bytes, performance.now())
    if (this.#sink.write(chunks, this.#written)) held?.drop()
    else this.#wait(held, bytes, isHandover)
  }

  writeJoined(joined: Joined): void {
    const { chunks, length } = joined
    this.#blocks?.sent(length, performance.now())
    if (!this.#sink.write(chunks, this.#written)) this.#wait(joined.hold(), length, false)
  }

  /** Fills the block up behind the newest picture; more would fill it as well. False if it needs nothing. */
  fillBlock(): boolean {
    const filling = this.#blocks?.due(performance.now())
    if (!filling) return false
    const [header, content] = filling
    if (!this.#sink.write(filling, this.#written))
      this.#wait(undefined, header.length + content.length, false)
    return true
  }

  /** For how long no byte has left of those that wait, in milliseconds; to be asked now and then. */
  stillFor(now: number): number {
    return this.#busy ? this.#progress.look(this.#sink.queued, now) : 0
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

  #wait(held: Held | undefined, bytes: number, isHandover: boolean): void {
    this.#busy = true
    this.#held = held
    this.#bytes = bytes
    this.#isHandover = isHandover
  }

  #finish(): void {
    if (this.#closed) return
    this.#letGo()
    this.#busy = false
    this.#progress.rest()
    this.#done()
  }

  #letGo(): void {
    this.#held?.drop()
    this.#held = undefined
    this.#bytes = 0
  }
}
