/**
 * How fragments are wrapped for one transport. The wrapping of a whole fragment is made once per timeline and shared;
 * what a newcomer is handed (init segment and kept GOP) is one message that may take several writes.
 */
export interface Framing {
  readonly name: 'websocket' | 'raw'
  /** Bytes before a payload that is a message of its own. */
  readonly headerBytes: (payloadBytes: number) => number
  writeHeader(into: Buffer, at: number, payloadBytes: number): void
  /** The header of one piece of a message that has several. */
  piece(payloadBytes: number, first: boolean, last: boolean): Uint8Array | undefined
}

/** Plain bytes: an endless reply whose end is the end of the connection. */
export const raw: Framing = {
  name: 'raw',
  headerBytes: () => 0,
  writeHeader: () => {},
  piece: () => undefined,
}

const BINARY = 0x02
const CONTINUATION = 0x00
const FIN = 0x80

/** Unmasked binary WebSocket frames (RFC 6455, 5.2); a message in pieces is a fragmented message (5.4). */
export const websocket: Framing = {
  name: 'websocket',
  headerBytes: frameHeaderBytes,
  writeHeader: (into, at, payloadBytes) => writeFrameHeader(into, at, FIN | BINARY, payloadBytes),
  piece: (payloadBytes, first, last) => {
    const header = Buffer.allocUnsafe(frameHeaderBytes(payloadBytes))
    writeFrameHeader(header, 0, (last ? FIN : 0) | (first ? BINARY : CONTINUATION), payloadBytes)
    return header
  },
}

function frameHeaderBytes(payloadBytes: number): number {
  return payloadBytes < 126 ? 2 : payloadBytes < 0x1_0000 ? 4 : 10
}

function writeFrameHeader(into: Buffer, at: number, first: number, payloadBytes: number): void {
  into[at] = first
  if (payloadBytes < 126) into[at + 1] = payloadBytes
  else if (payloadBytes < 0x1_0000) {
    into[at + 1] = 126
    into.writeUInt16BE(payloadBytes, at + 2)
  } else {
    into[at + 1] = 127
    into.writeUInt32BE(0, at + 2)
    into.writeUInt32BE(payloadBytes, at + 6)
  }
}
