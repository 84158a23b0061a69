import type { IncomingMessage } from 'node:http'

/** No longer body is taken. */
export const MOST_BODY_BYTES = 64 * 1024

/** What the headers of a request hold, and its body when it has come. */
export function requestBytes(request: IncomingMessage): number {
  let bytes = request.url?.length ?? 0
  for (const text of request.rawHeaders) bytes += text.length
  return bytes + bodyBytes(request)
}

/** What a body may come to hold: what its length says (RFC 9112, 6.3), or all that one may where it does not say. */
export function bodyBytes({ headers }: IncomingMessage): number {
  if (headers['transfer-encoding'] !== undefined) return MOST_BODY_BYTES
  const length = Number(headers['content-length'] ?? 0)
  return length <= MOST_BODY_BYTES ? length : MOST_BODY_BYTES
}
