import { readType, readUint64, viewOf } from './box.ts'

/** A box at the top of a file. */
export interface TopBox {
  readonly type: string
  /** Header included; `Infinity` for one that goes on to the end of the file. */
  readonly size: number
  /** 8 or 16 bytes, which are overwritten by the next one. */
  readonly header: Buffer
  /** Of its first byte, from the start of the file. */
  readonly position: number
}

export interface BoxEvents {
  begin(box: TopBox): void
  /** Some of the box's body. */
  data(bytes: Buffer): void
  end(): void
  /** What is not in any box, and all that follows. */
  unreadable(bytes: Buffer): void
}

/** Follows the boxes at the top of an MP4 through chunks that are split anywhere. */
export class BoxStream {
  readonly #events: BoxEvents
  readonly #header = Buffer.alloc(16)
  #headerBytes = 0
  #position = 0
  /** Of the current box, still to come. */
  #left = 0
  #lost = false

  constructor(events: BoxEvents) {
    this.#events = events
  }

  /** Of the current box, still to come, in bytes. */
  get left(): number {
    return this.#left
  }

  /** Of what comes next, from the start of the file. */
  get position(): number {
    return this.#position
  }

  /** Nothing has begun that is not complete. */
  get atBoundary(): boolean {
    return this.#left === 0 && this.#headerBytes === 0 && !this.#lost
  }

  /** Of a header that is not complete. */
  get begun(): Buffer {
    return this.#header.subarray(0, this.#headerBytes)
  }

  push(chunk: Buffer): void {
    let at = 0
    while (at < chunk.length) {
      if (this.#lost) {
        this.#events.unreadable(chunk.subarray(at))
        return
      }
      if (this.#left === 0) {
        at = this.#readHeader(chunk, at)
        continue
      }
      const bytes = Math.min(this.#left, chunk.length - at)
      this.#left -= bytes
      this.#position += bytes
      this.#events.data(chunk.subarray(at, at + bytes))
      at += bytes
      if (this.#left === 0) this.#events.end()
    }
  }

  #readHeader(chunk: Buffer, at: number): number {
    const wanted = this.#headerBytes >= 8 && this.#wide() ? 16 : 8
    const copied = chunk.copy(this.#header, this.#headerBytes, at, at + wanted - this.#headerBytes)
    this.#headerBytes += copied
    if (this.#headerBytes >= 8 && this.#headerBytes === (this.#wide() ? 16 : 8)) this.#begin()
    return at + copied
  }

  #wide(): boolean {
    return this.#header.readUInt32BE(0) === 1
  }

  #begin(): void {
    const view = viewOf(this.#header)
    const type = readType(view, 4)
    const header = this.#header.subarray(0, this.#headerBytes)
    const claimed = this.#wide() ? readUint64(view, 8) : view.getUint32(0)
    const size = claimed === 0 ? Number.POSITIVE_INFINITY : claimed
    this.#headerBytes = 0
    if (size < header.length || !/^[\x20-\x7e\xa9]{4}$/.test(type)) {
      this.#lost = true
      this.#events.unreadable(header)
      return
    }
    this.#left = size - header.length
    const position = this.#position
    this.#position += header.length
    this.#events.begin({ type, size, header, position })
    if (this.#left === 0) this.#events.end()
  }
}
