import { fourcc, viewOf } from './box.ts'

/** A box around `parts`, which are not copied. */
export function box(type: string, ...parts: readonly Uint8Array[]): Uint8Array[] {
  const header = Buffer.alloc(8)
  header.writeUInt32BE(8 + byteLength(parts))
  viewOf(header).setUint32(4, fourcc(type))
  return [header, ...parts]
}

/** A box of version, flags and 32-bit words. */
export function fullBox(type: string, version: number, ...words: readonly number[]): Uint8Array[] {
  return box(type, bigEndian([version << 24, ...words]))
}

export function bigEndian(words: readonly number[]): Buffer {
  const bytes = Buffer.alloc(words.length * 4)
  words.forEach((word, i) => {
    bytes.writeUInt32BE(word >>> 0, i * 4)
  })
  return bytes
}

export function byteLength(parts: readonly Uint8Array[]): number {
  return parts.reduce((sum, part) => sum + part.length, 0)
}
