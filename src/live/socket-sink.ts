import type { Socket } from 'node:net'
import type { EndCause, Sink } from './sink.ts'

/** Writes to a socket, and shares the bytes with other viewers. */
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
