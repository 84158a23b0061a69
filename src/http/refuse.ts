import { randomUUID } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import type { CodedError } from '../errors.ts'
import { DATA_HEADERS } from './data-headers.ts'

/** Answers with an error in the shape of all errors, where no route does. */
export function refuse(
  response: ServerResponse,
  { statusCode, code, message, retryAfter }: CodedError,
): void {
  const body = JSON.stringify({ error: message, code, requestId: randomUUID() })
  if (retryAfter !== undefined) response.setHeader('retry-after', retryAfter)
  response.writeHead(statusCode, {
    'content-type': 'application/json; charset=utf-8',
    ...DATA_HEADERS,
    'content-length': Buffer.byteLength(body),
  })
  response.end(body)
}
