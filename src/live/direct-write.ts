import type { Socket } from 'node:net'

/**
 * Straight from a socket to `write(2)` and `writev(2)`, past the stream on top of it, which makes several objects a write and keeps
 * them until the next turn of the event loop. This is the one place that uses what Node keeps to itself (read in
 * lib/net.js and lib/internal/stream_base_commons.js of Node 24); where it is not there, sockets are written as usual.
 */
export interface DirectWriter {
  /**
   * Sends the chunks in order after whatever is on its way. True if the kernel took everything; else `done` is called
   * once, later, when the rest has left user space or never will, and the chunks must not change until then.
   */
  write(socket: Socket, chunks: readonly Uint8Array[], done: () => void): boolean
  /** The same for one chunk. */
  writeOne(socket: Socket, chunk: Uint8Array, done: () => void): boolean
  /** Bytes that wait in user space. */
  queued(socket: Socket): number
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

/** Undefined where this Node does not offer it. */
export function directWriter(): DirectWriter | undefined {
  const binding = streamBinding()
  if (!binding) return undefined
  const { WriteWrap, streamBaseState, kLastWriteWasAsync } = binding
  /** Used again and again until a write has to wait, which takes it along. */
  let request = new WriteWrap()

  function wait(socket: Socket, chunks: Uint8Array | readonly Uint8Array[], done: () => void): void {
    request.chunks = chunks
    request.oncomplete = status => {
      if (status < 0) socket.destroy()
      done()
    }
    request = new WriteWrap()
  }

  return {
    write(socket, chunks, done) {
      const handle = (socket as unknown as WithHandle)._handle
      if (!handle) return false
      if (handle.writev(request, chunks, true) !== 0) socket.destroy()
      else if (!streamBaseState[kLastWriteWasAsync]) return true
      else wait(socket, chunks, done)
      return false
    },
    writeOne(socket, chunk, done) {
      const handle = (socket as unknown as WithHandle)._handle
      if (!handle) return false
      if (handle.writeBuffer(request, chunk) !== 0) socket.destroy()
      else if (!streamBaseState[kLastWriteWasAsync]) return true
      else wait(socket, chunk, done)
      return false
    },
    queued: socket => (socket as unknown as WithHandle)._handle?.writeQueueSize ?? 0,
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
