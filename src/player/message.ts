/** The largest text frame that is taken, either way: the offers and answers of WebRTC are a few kilobytes. */
export const MAX_MESSAGE_BYTES = 16 * 1024

/** A text frame of go2rtc's WebSocket protocol. */
export interface PlayerMessage {
  readonly type: string
  readonly value: string
}

/** Reads a text frame; undefined if it is not one of the protocol's. */
export function readMessage(text: string): PlayerMessage | undefined {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    return undefined
  }
  if (typeof json !== 'object' || json === null || !('type' in json) || typeof json.type !== 'string')
    return undefined
  const value = 'value' in json && typeof json.value === 'string' ? json.value : ''
  return { type: json.type, value }
}

export function writeMessage(type: string, value: string): Buffer {
  return Buffer.from(JSON.stringify({ type, value }))
}
