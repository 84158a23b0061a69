import { collectYoung } from './heap.ts'

const MIB = 1024 * 1024
const LOOK_EVERY_BYTES = MIB
/** So much may lie about. */
const LOOSE_BYTES = 3 * MIB
let dropped = 0
/** What buffers held after the last collection. */
let held = Number.POSITIVE_INFINITY

/**
 * To be told of buffers that a socket has just filled and nobody needs any more. V8 looks at the small objects in its heap
 * and lets tens of megabytes behind them lie.
 */
export function buffersDropped(bytes: number): void {
  dropped += bytes
  if (dropped < LOOK_EVERY_BYTES) return
  dropped = 0
  const { arrayBuffers } = process.memoryUsage()
  if (arrayBuffers < held + LOOSE_BYTES) {
    held = Math.min(held, arrayBuffers)
    return
  }
  collectYoung()
  held = process.memoryUsage().arrayBuffers
}
