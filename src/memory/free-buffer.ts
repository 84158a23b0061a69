/**
 * Frees the memory of a buffer at once, all `bytes` of it; V8 frees old memory only in a collection of its whole heap. Only
 * for bytes that nobody else can refer to, neither an object nor a write that is under way: whatever still refers to them
 * finds a buffer of length 0. Does nothing where they are part of a larger piece of memory.
 */
export function freeBuffer({ buffer }: Uint8Array, bytes: number): void {
  if (buffer instanceof ArrayBuffer && buffer.byteLength === bytes) buffer.transfer(0)
}
