import type { Socket } from 'node:net'

/**
 * Straight from a socket to `write(2)` and `writev(2)`, past the stream on top of it, which makes several objects a write
 * and keeps them until the next turn of the event loop. This is the one place that uses what Node keeps to itself (read
 * in lib/net.js and lib/internal/stream_base_commons.js of Node 24); where it is not there, sockets are written as usual.
 */
export interface DirectSocket {
  /**
   * Sends the chunks in order after whatever is on its way. True if the kernel took everything; else `done` is called
   * once, later, when the rest has left user space or never will, and the chunks must not change until then.
   */
  write(chunks: readonly Uint8Array[], done: () => void): boolean
  /** The same for one chunk. */
  writeOne(chunk: Uint8Array, done: () => void): boolean
  /** Bytes that wait in user space. */
  readonly queued: number
}

interface Handle {
  readonly writeQueueSize: number
  writev(request: WriteRequest, chunks: readonly Uint8Array[], allBuffers: true): number
  writeBuffer(request: WriteRequest, chunk: Uint8Array): number
}

interface WriteRequest {
  oncomplete?: (status: number) => void
  /** Keeps the chunks alive while the kernel has not taken them. */
  chunks?: Uint8Array | readonly Uint8Array[]
}

interface StreamBinding {
  readonly WriteWrap: new () => WriteRequest
  readonly streamBaseState: Readonly<Record<number, number>>
  readonly kLastWriteWasAsync: number
}

type WithHandle = { readonly _handle?: Handle | null }

/** Undefined where this Node does not offer it, or the connection is gone. */
export function directSocket(socket: Socket): DirectSocket | undefined {
  const handle = (socket as unknown as WithHandle)._handle
  return binding && handle ? new HandleWriter(socket, handle, binding) : undefined
}

const binding = streamBinding()
/** Used again and again until a write has to wait, which takes it along. */
let request = binding && new binding.WriteWrap()

/** A handle that is closed takes nothing and says so. */
class HandleWriter implements DirectSocket {
  readonly #handle: Handle
  readonly #state: Readonly<Record<number, number>>
  readonly #wasAsync: number
  readonly #socket: Socket
  readonly #WriteWrap: StreamBinding['WriteWrap']

  constructor(socket: Socket, handle: Handle, binding: StreamBinding) {
    this.#handle = handle
    this.#state = binding.streamBaseState
    this.#wasAsync = binding.kLastWriteWasAsync
    this.#socket = socket
    this.#WriteWrap = binding.WriteWrap
  }

  write(chunks: readonly Uint8Array[], done: () => void): boolean {
    return this.#written(this.#handle.writev(request!, chunks, true), chunks, done)
  }

  writeOne(chunk: Uint8Array, done: () => void): boolean {
    return this.#written(this.#handle.writeBuffer(request!, chunk), chunk, done)
  }

  get queued(): number {
    return this.#socket.destroyed ? 0 : this.#handle.writeQueueSize
  }

  #written(status: number, chunks: Uint8Array | readonly Uint8Array[], done: () => void): boolean {
    if (status === 0 && this.#state[this.#wasAsync] === 0) return true
    if (status === 0) this.#wait(chunks, done)
    else this.#socket.destroy()
    return false
  }

  #wait(chunks: Uint8Array | readonly Uint8Array[], done: () => void): void {
    const waiting = request!
    waiting.chunks = chunks
    waiting.oncomplete = status => {
      if (status < 0) this.#socket.destroy()
      done()
    }
    request = new this.#WriteWrap()
  }
}

function streamBinding(): StreamBinding | undefined {
  try {
    const { binding } = process as unknown as { binding(name: string): Partial<StreamBinding> }
    const { WriteWrap, streamBaseState, kLastWriteWasAsync } = binding('stream_wrap')
    if (!WriteWrap || !streamBaseState || kLastWriteWasAsync === undefined) return undefined
    return { WriteWrap, streamBaseState, kLastWriteWasAsync }
  } catch {
    return undefined
  }
}
