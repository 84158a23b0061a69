/**
 * Gives the memory that a buffer lies in back now, all `bytes` of it: V8 would leave what is old to a collection of its whole
 * heap. Only for bytes that nobody needs any more and no write is under way with; whatever still refers to them finds a
 * buffer of length 0. Does nothing where they are part of a larger piece of memory, or before Node 22.
 */
export function freeBuffer({ buffer }: Uint8Array, bytes: number): void {
  if (buffer instanceof ArrayBuffer && buffer.byteLength === bytes) buffer.transfer?.(0)
}
