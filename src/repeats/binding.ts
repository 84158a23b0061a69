import { createRequire } from 'node:module'

/** What is answered when a request is repeated: its own memory, given back when it is collected. */
export type NativeShelf = object & { readonly __nativeShelf: never }

/** What the addon calls when a connection did not take all of an answer: the head that is left, and how much of the body went. */
export type OnRest = (fd: number, item: number, head: ArrayBuffer, bodyTaken: number) => void

/**
 * Answers, between libuv and Node, requests that differ from one that was judged in nothing but a name. It does not read HTTP: whatever is
 * not, byte for byte, what was agreed on, with a name in it that lies on the shelf, is handed to Node as it came, and ends the
 * right to be answered here. It goes by the callbacks of a stream's reads, which libuv publishes (`uv_stream_t`: `alloc_cb`,
 * `read_cb`), and sends nothing past what waits (`uv_try_write`).
 */
export interface RepeatBinding {
  /** Follows the reads of an open TCP connection from now on. How many have gone to Node so far; -1 where that cannot be done. */
  hear(fd: number): number
  /**
   * Lets the connection ask for what is on the shelf for `leaseMs`, if nothing has come since so many reads (`heard`), and the last of them was
   * `head`, a request without a body, and nothing else. A request is then `begin`, a name, and `head` from `tailAt` on, in one read; `headers` go
   * with each answer, behind its own and the date, and end its head.
   */
  grant(
    fd: number,
    heard: number,
    shelf: NativeShelf,
    head: string,
    tailAt: number,
    begin: string,
    headers: string,
    leaseMs: number,
  ): boolean
  /** Lets repeat again after a rest (`onRest`) has been sent; false if something has come in the meantime, or the right has been taken away. */
  resume(fd: number): boolean
  /** To be called when the connection is closed. */
  forget(fd: number): void
  /** Ends the right to repeat of all connections. */
  withdrawAll(): void
  shelf(): NativeShelf
  /**
   * Puts an answer under a name: its status line and headers, and the pieces of its body, whose memory may be given back at any time.
   * False where there is no room for it.
   */
  put(
    shelf: NativeShelf,
    item: number,
    kind: number,
    name: string,
    head: string,
    pieces: readonly Uint8Array[],
  ): boolean
  /** Takes an answer away, or all of them (-1). */
  take(shelf: NativeShelf, item: number): void
  answeredFrom(shelf: NativeShelf): number
  /** How many of a kind have been answered, from any shelf. */
  answered(kind: number): number
  onRest(call: OnRest): void
}

/** Beside the bundle (`build/addon.ts`). The sources, and builds on a machine without a C compiler, do without. */
const PATH = './repeat.node'

/** Undefined where there is no addon. */
export function loadRepeat(path = PATH): RepeatBinding | undefined {
  try {
    return createRequire(import.meta.filename)(path) as RepeatBinding
  } catch {
    return undefined
  }
}
