/** The data messages in unmasked WebSocket frames (RFC 6455, 5.2), pieces put together. */
export function messages(bytes: Buffer): Buffer[] {
  const done: Buffer[] = []
  let pieces: Buffer[] = []
  for (let at = 0; at < bytes.length; ) {
    const [first, second] = [bytes[at]!, bytes[at + 1]!]
    const short = second & 0x7f
    const header = short === 127 ? 10 : short === 126 ? 4 : 2
    const length =
      short === 127 ? bytes.readUInt32BE(at + 6) : short === 126 ? bytes.readUInt16BE(at + 2) : short
    const opcode = first & 0x0f
    if (opcode !== (pieces.length > 0 ? 0 : 2))
      throw new Error(`opcode ${opcode} inside or outside a message`)
    pieces.push(bytes.subarray(at + header, at + header + length))
    at += header + length
    if (first & 0x80) {
      done.push(Buffer.concat(pieces))
      pieces = []
    }
  }
  if (pieces.length > 0) throw new Error('a message is not finished')
  return done
}
