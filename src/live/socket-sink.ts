import type { Socket } from 'node:net'
import { type DirectSocket, directSocket } from './direct-write.ts'
import type { EndCause, Sink } from './sink.ts'

/** Writes to a socket: what belongs to one write leaves in one system call, and shares its bytes with other viewers. */
export class SocketSink implements Sink {
  /** From when on the stream of the socket is first seen empty. Others give it whole messages, which may go before one or after it. */
  #direct: DirectSocket | undefined
  readonly #socket: Socket
  readonly #onEnd: (cause: EndCause) => void

  constructor(socket: Socket, onEnd: (cause: EndCause) => void) {
    this.#socket = socket
    this.#onEnd = onEnd
  }

  get queued(): number {
    return this.#socket.writableLength + (this.#direct?.queued ?? 0)
  }

  /** May be a piece of a message, inside which nothing else may come: what the stream holds goes first. */
  write(chunks: readonly Uint8Array[], done: () => void): boolean {
    const direct = this.#goDirect()
    if (direct && this.#socket.writableLength === 0) return direct.write(chunks, done)
    return this.#toStream(chunks, done)
  }

  /** Whole messages. */
  writeOne(chunk: Uint8Array, behind: Uint8Array | undefined, done: () => void): boolean {
    const direct = this.#direct ?? this.#goDirect()
    if (!direct) return this.#toStream(behind ? [chunk, behind] : [chunk], done)
    return behind ? direct.write([chunk, behind], done) : direct.writeOne(chunk, done)
  }

  end(cause: EndCause): void {
    this.#onEnd(cause)
  }

  #toStream(chunks: readonly Uint8Array[], done: () => void): false {
    const socket = this.#socket
    const last = chunks.length - 1
    socket.cork()
    for (let i = 0; i < last; i++) socket.write(chunks[i]!)
    socket.write(chunks[last]!, done)
    socket.uncork()
    return false
  }

  #goDirect(): DirectSocket | undefined {
    if (this.#socket.writableLength === 0) this.#direct ??= directSocket(this.#socket)
    return this.#direct
  }
}
