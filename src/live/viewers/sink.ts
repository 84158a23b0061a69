import type { Socket } from 'node:net'

/** Why a hub lets a viewer go. */
export type EndCause =
  /** Nothing was taken for too long. */
  | 'stalled'
  /** The process budget ran out and this viewer held most. */
  | 'evicted'
  /** The camera's tracks changed: what was decoded so far cannot go on. */
  | 'changed'
  /** The camera sends what is not taken: `hub.fault` says what. */
  | 'unplayable'
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
  /** Bytes that have not left user space. It changes as writes are done. */
  readonly queued: number
  /** The hub has let go of this viewer; nothing is written after it. */
  end(cause: EndCause): void
}

/** Writes to a socket. */
export class SocketSink implements Sink {
  readonly #socket: Socket
  readonly #onEnd: (cause: EndCause) => void
  /** Writes whose callback has not run; it runs in the order of the writes, and later than they return. */
  #unconfirmed = 0
  #done: (() => void) | undefined
  readonly #confirm = (): void => {
    if (--this.#unconfirmed > 0) return
    const done = this.#done
    this.#done = undefined
    done?.()
  }

  constructor(socket: Socket, onEnd: (cause: EndCause) => void) {
    this.#socket = socket
    this.#onEnd = onEnd
  }

  get queued(): number {
    return this.#socket.writableLength
  }

  /** Several chunks go to the kernel in one call. It has taken everything if the socket's queue is empty afterwards. */
  write(chunks: readonly Uint8Array[], done: () => void): boolean {
    const socket = this.#socket
    const last = chunks.length - 1
    this.#unconfirmed++
    if (last === 0) socket.write(chunks[0]!, this.#confirm)
    else {
      socket.cork()
      for (let i = 0; i < last; i++) socket.write(chunks[i]!)
      socket.write(chunks[last]!, this.#confirm)
      socket.uncork()
    }
    if (socket.writableLength === 0) return true
    this.#done = done
    return false
  }

  end(cause: EndCause): void {
    this.#onEnd(cause)
  }
}
