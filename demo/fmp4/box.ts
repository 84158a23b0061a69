/** An ISO BMFF box (ISO/IEC 14496-12 §4.2): 32-bit size, four-character type, content. */
export function box(type: string, ...content: readonly Uint8Array[]): Buffer {
  const header = Buffer.alloc(8)
  header.write(type, 4, 'latin1')
  const bytes = Buffer.concat([header, ...content])
  bytes.writeUInt32BE(bytes.length, 0)
  return bytes
}

/** A full box: a box that starts with an 8-bit version and 24 bits of flags. */
export function fullBox(
  type: string,
  version: number,
  flags: number,
  ...content: readonly Uint8Array[]
): Buffer {
  return box(type, u32(version * 0x1000000 + flags), ...content)
}

export function u16(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(2 * values.length)
  values.forEach((value, index) => {
    bytes.writeUInt16BE(value, 2 * index)
  })
  return bytes
}

export function u32(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length)
  values.forEach((value, index) => {
    bytes.writeUInt32BE(value, 4 * index)
  })
  return bytes
}

export function u64(value: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64BE(BigInt(value))
  return bytes
}

export const text = (value: string): Buffer => Buffer.from(value, 'latin1')
export const zeros = (length: number): Buffer => Buffer.alloc(length)
