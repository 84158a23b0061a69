/**
 * Gives the memory of a buffer back now: V8 would leave what is old to a collection of its whole heap. Only for bytes that
 * nobody needs any more and no write is under way with; whatever still refers to them finds a buffer of length 0. Does
 * nothing where they are part of a larger piece of memory, or before Node 22.
 */
export function freeBuffer({ buffer, byteLength }: Uint8Array): void {
  if (buffer instanceof ArrayBuffer && byteLength === buffer.byteLength) buffer.transfer?.(0)
}
