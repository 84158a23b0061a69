import type { Socket } from 'node:net'
import { type DirectSocket, directSocket } from './direct-write.ts'
import type { FanOut } from './fan-out.ts'
import type { EndCause, Sink } from './sink.ts'

const NONE = -1

/** Writes to a socket: what belongs to one write leaves in one system call, and shares its bytes with other viewers. */
export class SocketSink implements Sink {
  /** From when on the stream of the socket is first seen empty. Others give it whole messages, which may go before one or after it. */
  #direct: DirectSocket | undefined
  readonly #socket: Socket
  readonly #onEnd: (cause: EndCause) => void
  readonly #fanOut: FanOut | undefined
  /** Undefined until it is asked for. */
  #outlet: number | undefined

  constructor(socket: Socket, onEnd: (cause: EndCause) => void, fanOut?: FanOut) {
    this.#socket = socket
    this.#onEnd = onEnd
    this.#fanOut = fanOut
  }

  get outlet(): number {
    if (this.#outlet === undefined) {
      const fd = this.#goDirect()?.fd ?? NONE
      this.#outlet = fd === NONE ? NONE : (this.#fanOut?.open(fd) ?? NONE)
    }
    return this.#outlet
  }

  /** To be called by when the socket says that it is closed; nothing is sent after it. */
  release(): void {
    if (this.#outlet !== undefined && this.#outlet !== NONE) this.#fanOut?.close(this.#outlet)
    this.#outlet = NONE
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

  /** Messages, or what the connection has not taken of them. */
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
