/** Tells Node's pool, which small buffers share. */
const { isMarkedAsUntransferable: isShared } = process.getBuiltinModule('node:worker_threads')

/** Whether a chunk reaches to the end of the memory that one read of a socket has filled. */
export function endsItsMemory(chunk: Buffer): boolean {
  return chunk.byteOffset + chunk.length === chunk.buffer.byteLength
}

/** Frees memory now that V8 would leave lying until it collects. Nothing may look at it any more, through no view. */
export function freeNow(memory: ArrayBufferLike | undefined): void {
  if (memory instanceof ArrayBuffer && memory.byteLength > 0 && !isShared(memory)) memory.transfer(0)
}
