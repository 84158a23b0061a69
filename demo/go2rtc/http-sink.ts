import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Sink } from './consumer.ts'

/** Of one consumer that does not read; go2rtc, too, throws the newest packets away then. */
export const MOST_UNSENT_BYTES = 8 * 1024 * 1024

export function httpSink(
  request: IncomingMessage,
  response: ServerResponse,
  format: Sink['format'],
  frame: (bytes: Buffer) => Buffer = bytes => bytes,
): Sink {
  return {
    format,
    protocol: 'http',
    ...peer(request),
    write: bytes => {
      if (response.writableLength < MOST_UNSENT_BYTES) response.write(frame(bytes))
    },
    close: () => response.destroy(),
  }
}

export function peer(request: IncomingMessage): Pick<Sink, 'remoteAddress' | 'userAgent'> {
  const { remoteAddress, remotePort } = request.socket
  return {
    remoteAddress: `${remoteAddress}:${remotePort}`,
    userAgent: request.headers['user-agent'] ?? '',
  }
}
