/** How much of an `mdat` is looked at: enough for a synthetic frame's number. */
const PEEK_BYTES = 16
/** The largest `moov` or `moof` that is believed. */
const MOST_BYTES = 1024 * 1024

/**
 * Cuts a stream of fragmented MP4 that comes in pieces into boxes, at the cost of one look at each piece: of a box
 * it gives the whole content, of an `mdat` only its beginning, once all of it has gone by.
 */
export class BoxStream {
  readonly #onBox: (type: string, content: Buffer) => void
  readonly #header = Buffer.alloc(8)
  #headerBytes = 0
  #left = 0
  #wanted = 0
  #pieces: Buffer[] = []

  constructor(onBox: (type: string, content: Buffer) => void) {
    this.#onBox = onBox
  }

  push(piece: Buffer): void {
    let at = 0
    while (at < piece.length || (this.#headerBytes === 8 && this.#left === 0)) {
      if (this.#headerBytes < 8) at += this.#readHeader(piece, at)
      else if (this.#left > 0) at += this.#readContent(piece, at)
      else this.#finish()
    }
  }

  #readHeader(piece: Buffer, at: number): number {
    const copied = piece.copy(this.#header, this.#headerBytes, at, at + 8 - this.#headerBytes)
    this.#headerBytes += copied
    if (this.#headerBytes === 8) {
      const size = this.#header.readUInt32BE(0)
      const media = this.#type === 'mdat'
      if (size < 8 || (!media && size > MOST_BYTES)) throw new Error(`a ${this.#type} of ${size} bytes`)
      this.#left = size - 8
      this.#wanted = Math.min(this.#left, media ? PEEK_BYTES : MOST_BYTES)
    }
    return copied
  }

  #readContent(piece: Buffer, at: number): number {
    const taken = Math.min(this.#left, piece.length - at)
    const kept = Math.min(this.#wanted, taken)
    if (kept > 0) this.#pieces.push(Buffer.from(piece.subarray(at, at + kept)))
    this.#wanted -= kept
    this.#left -= taken
    return taken
  }

  #finish(): void {
    const content = Buffer.concat(this.#pieces)
    this.#pieces = []
    this.#headerBytes = 0
    this.#onBox(this.#type, content)
  }

  get #type(): string {
    return this.#header.toString('latin1', 4, 8)
  }
}
