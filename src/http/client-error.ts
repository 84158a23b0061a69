import { randomUUID } from 'node:crypto'
import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import { DATA_HEADERS } from './data-headers.ts'

const REFUSALS: Readonly<Record<string, readonly [status: number, code: string, sentence: string]>> = {
  HPE_HEADER_OVERFLOW: [431, 'HEADERS_TOO_LARGE', 'The headers are too large'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'REQUEST_TIMEOUT', 'The request did not arrive in time'],
}
const UNREADABLE = [400, 'REQUEST_UNREADABLE', 'This is not a request of HTTP/1.1'] as const

/**
 * Answers what Node's parser refuses, so before there is a request, in the shape of all errors, and ends the connection. Nothing is
 * said where nothing was asked, as by a browser that connects in advance, or where another answer has begun.
 */
export function refuseUnreadable(error: NodeJS.ErrnoException, socket: Socket, hasBegun: boolean): void {
  if (error.code !== 'ECONNRESET' && socket.writable && socket.bytesRead > 0 && !hasBegun) {
    const [status, code, sentence] = REFUSALS[error.code ?? ''] ?? UNREADABLE
    const body = JSON.stringify({ error: sentence, code, requestId: randomUUID() })
    const head = [
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
      'Content-Type: application/json; charset=utf-8',
      ...Object.entries(DATA_HEADERS).map(([name, value]) => `${name}: ${value}`),
      `Content-Length: ${body.length}`,
      'Connection: close',
    ]
    socket.write(`${head.join('\r\n')}\r\n\r\n${body}`)
  }
  socket.destroy()
}
