import { BLOCK_BYTES, type BlockFill, INTERVAL_MS } from './block-fill.ts'

/** In the place of one whose blocks are not filled up. */
const NONE = -1

/** The block fills of many viewers who are sent the same, by seat: one look goes over numbers side by side, and no object of theirs. */
export class BlockFills {
  /** Bytes of the block that is being sent. */
  #filled: Int32Array
  #fullAt: Float64Array
  #count = 0

  constructor(seats: number) {
    this.#filled = new Int32Array(seats)
    this.#fullAt = new Float64Array(seats)
  }

  put(seat: number, fill: BlockFill | undefined): void {
    this.#filled[seat] = fill ? fill.filled : NONE
    this.#fullAt[seat] = fill?.fullAt ?? 0
    if (fill) this.#count++
  }

  /** It goes on by itself from here. */
  takeOut(seat: number, fill: BlockFill | undefined): void {
    if (!fill) return
    fill.goOn(this.#filled[seat]!, this.#fullAt[seat]!)
    this.#count--
  }

  move(from: number, to: number): void {
    this.#filled[to] = this.#filled[from]!
    this.#fullAt[to] = this.#fullAt[from]!
  }

  grow(seats: number): void {
    const [filled, fullAt] = [this.#filled, this.#fullAt]
    this.#filled = new Int32Array(seats)
    this.#filled.set(filled)
    this.#fullAt = new Float64Array(seats)
    this.#fullAt.set(fullAt)
  }

  /** So many bytes have been sent to the seats from `from` up to `to`, at `now` in milliseconds. */
  sent(from: number, to: number, bytes: number, now: number): void {
    if (this.#count === 0) return
    for (let seat = from; seat < to; seat++) {
      const filled = this.#filled[seat]!
      if (filled === NONE) continue
      const then = filled + bytes
      if (then >= BLOCK_BYTES) this.#fullAt[seat] = now
      this.#filled[seat] = then % BLOCK_BYTES
    }
  }

  /** By seat: bytes of the block that is being sent, below 0 where none are filled up, and for how long the one before has been full. */
  look(now: number): { filled: Int32Array; fullForMs: Float64Array } {
    return { filled: this.#filled, fullForMs: this.#fullAt.map(at => now - at) }
  }

  /** The last of so many seats whose block is to be filled up now; -1 if there is none. */
  lastDue(seats: number, now: number): number {
    let seat = this.#count > 0 ? seats - 1 : NONE
    while (seat >= 0 && !(this.#filled[seat]! > 0 && now - this.#fullAt[seat]! >= INTERVAL_MS)) seat--
    return seat
  }
}
