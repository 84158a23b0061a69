import { JsonTooLarge } from './errors.ts'

/** Writes a JSON array row by row, so that no piece of it is made at once. */
export class RowsWriter {
  readonly #most: number
  readonly #pieces: Buffer[] = []
  #bytes = 0

  /** Throws `JsonTooLarge` beyond `most` bytes. */
  constructor(most: number) {
    this.#most = most
  }

  add(rows: readonly unknown[]): void {
    if (rows.length === 0) return
    const text = rows.map(row => JSON.stringify(row)).join(',')
    const piece = Buffer.from((this.#pieces.length === 0 ? '[' : ',') + text)
    this.#bytes += piece.length
    if (this.#bytes > this.#most) throw new JsonTooLarge(this.#most)
    this.#pieces.push(piece)
  }

  end(): Buffer {
    return Buffer.concat([...this.#pieces, Buffer.from(this.#pieces.length === 0 ? '[]' : ']')])
  }
}
