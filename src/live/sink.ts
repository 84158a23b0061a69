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
   * Sends the chunks in order. True if all of them have left user space when it returns: their bytes may be changed then.
   * Otherwise `done` is called later, once, when they have left or never will, and the bytes must stay as they are until
   * then. It is not called where the connection is gone. Nothing may be written while a write waits.
   */
  write(chunks: readonly Uint8Array[], done: () => void): boolean
  /** Bytes that have not left user space. */
  readonly queued: number
  /** The hub has let go of this viewer; nothing is written after it. */
  end(cause: EndCause): void
}
