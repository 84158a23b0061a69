/** Why a hub lets a viewer go. */
export type EndCause =
  /** Nothing was taken for too long. */
  | 'stalled'
  /** The process budget ran out and this viewer held most. */
  | 'evicted'
  /** The camera's tracks changed: what was decoded so far cannot go on. */
  | 'changed'
  /** The hub is closed for good. */
  | 'closed'

/** What a hub needs of a viewer's connection. */
export interface Sink {
  /**
   * Sends the chunks in order. True if all has left user space when it returns; else `done` is called later, once, when it
   * has or never will, and not any more where the connection is gone. The chunks are shared with other viewers and must
   * not be changed.
   */
  write(chunks: readonly Uint8Array[], done: () => void): boolean
  /**
   * The same for one chunk and what goes behind it, whole messages. Where true is returned the bytes of the chunk are used
   * for something else afterwards.
   */
  writeOne(chunk: Uint8Array, behind: Uint8Array | undefined, done: () => void): boolean
  /** Bytes that have not left user space. */
  readonly queued: number
  /** The hub has let go of this viewer; nothing is written after it. */
  end(cause: EndCause): void
}
