import type { Socket } from 'node:net'
import { directWriter } from './direct-write.ts'
import type { EndCause, Sink } from './sink.ts'

const direct = directWriter()

/** Writes to a socket: the chunks of one write leave in one system call, and share their bytes with other viewers. */
export class SocketSink implements Sink {
  readonly #socket: Socket
  readonly #onEnd: (cause: EndCause) => void

  constructor(socket: Socket, onEnd: (cause: EndCause) => void) {
    this.#socket = socket
    this.#onEnd = onEnd
  }

  get queued(): number {
    return this.#socket.writableLength + (direct?.queued(this.#socket) ?? 0)
  }

  /** What the stream of the socket still holds goes first. */
  write(chunks: readonly Uint8Array[], done: () => void): boolean {
    const socket = this.#socket
    if (direct && socket.writableLength === 0) return direct.write(socket, chunks, done)
    const last = chunks.length - 1
    socket.cork()
    for (let i = 0; i < last; i++) socket.write(chunks[i]!)
    socket.write(chunks[last]!, done)
    socket.uncork()
    return false
  }

  writeOne(chunk: Uint8Array, done: () => void): boolean {
    const socket = this.#socket
    if (direct && socket.writableLength === 0) return direct.writeOne(socket, chunk, done)
    socket.write(chunk, done)
    return false
  }

  end(cause: EndCause): void {
    this.#onEnd(cause)
  }
}
