import type { MediaReply, MediaRequest } from '../upstream/media.ts'
import { StreamBody } from '../upstream/stream-body.ts'
import type { FrigateClient } from './client.ts'
import { FrigateRefused } from './errors.ts'

/** ffmpeg and the VOD module take their time before the first byte. */
export const FIRST_BYTE_MS = 30_000

const REQUEST_HEADERS = { range: 'range', ifRange: 'if-range', ifNoneMatch: 'if-none-match' } as const
const ANSWER_HEADERS = [
  'content-type',
  'content-length',
  'content-range',
  'accept-ranges',
  'etag',
  'last-modified',
]
const ANSWERS = new Set([200, 206, 304, 416])

/** Frigate's media as it comes: what may pass of the request, and of the answer. Throws `FRIGATE_REFUSED` for errors. */
export async function forwardMedia(
  client: FrigateClient,
  path: string,
  request: MediaRequest,
): Promise<MediaReply> {
  const headers: Record<string, string> = {}
  for (const [member, name] of Object.entries(REQUEST_HEADERS)) {
    const value = request[member as keyof typeof REQUEST_HEADERS]
    if (value !== undefined) headers[name] = value
  }
  const { method, signal } = request
  const answer = await client.openMedia(path, { method, headers, signal, timeoutMs: FIRST_BYTE_MS })
  const status = answer.statusCode
  if (ANSWERS.has(status)) {
    const passed = ANSWER_HEADERS.flatMap(name => {
      const value = answer.headers[name]
      return typeof value === 'string' ? [[name, value] as const] : []
    })
    const reply = { status, headers: { ...Object.fromEntries(passed), 'cache-control': 'private, no-cache' } }
    if (status < 300 && method === 'GET') return { ...reply, body: new StreamBody(answer.body) }
    answer.body.destroy()
    return reply
  }
  answer.body.destroy()
  throw new FrigateRefused(status)
}
