/**
 * Chromium hands the bytes of a plain `<video>` to its demuxer in blocks of so many, counted from the start of the reply,
 * and none of a block before its last one is there (media/blink/multi_buffer.h: `block_size_shift` 15).
 */
export const BLOCK_BYTES = 32 * 1024
/** A block is filled up at most once in so many milliseconds: that is 2.8 Mbit/s where the stream has next to nothing. */
const INTERVAL_MS = 95
/** While the player starts, blocks come faster: what it waits for then it stays behind for good. */
const START_INTERVAL_MS = 30
const START_MS = 500

const HEADER_BYTES = 8
/** Everybody's padding. */
const ZEROS = Buffer.alloc(BLOCK_BYTES)

/**
 * Fills up the blocks in which one plain `<video>` reads, with `free` boxes (ISO/IEC 14496-12, 8.1.2) between fragments.
 * A stream that fills them quickly enough by itself gets none. Times are in milliseconds.
 */
export class BlockFill {
  /** Of the block that is being sent. */
  #filled = 0
  /** When the last block became full. */
  #fullAt = 0
  #startUntil = 0

  /** The player has what it needs to start. */
  start(now: number): void {
    this.#startUntil = now + START_MS
  }

  /** To be told of all bytes of the reply's body but the filling. */
  sent(bytes: number, now: number): void {
    const filled = this.#filled + bytes
    if (filled >= BLOCK_BYTES) this.#fullAt = now
    this.#filled = filled % BLOCK_BYTES
  }

  /** A box that fills the block up, where that is due: to be sent before anything else. */
  due(now: number): readonly [header: Buffer, content: Buffer] | undefined {
    const filled = this.#filled
    const interval = now < this.#startUntil ? START_INTERVAL_MS : INTERVAL_MS
    if (filled === 0 || now - this.#fullAt < interval) return undefined
    const missing = BLOCK_BYTES - filled
    const bytes = missing < HEADER_BYTES ? missing + BLOCK_BYTES : missing
    this.#filled = 0
    this.#fullAt = now
    const header = Buffer.alloc(HEADER_BYTES)
    header.writeUInt32BE(bytes)
    header.write('free', 4, 'latin1')
    return [header, ZEROS.subarray(0, bytes - HEADER_BYTES)]
  }
}
