const COLLECT_EVERY_BYTES = 1024 * 1024
let dropped = 0

/**
 * To be told of buffers that a socket has just filled and nobody needs any more. V8 looks at the small objects in its heap
 * and lets tens of megabytes behind them lie; collected young they cost less than a millisecond. Needs
 * `--expose-gc` (`bin/start`), and does nothing without.
 */
export function buffersDropped(bytes: number): void {
  dropped += bytes
  if (dropped < COLLECT_EVERY_BYTES) return
  dropped = 0
  globalThis.gc?.({ type: 'minor' })
}
