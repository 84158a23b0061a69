import { matches } from '../http/etag.ts'
import { type ByteRange, parseRange } from '../http/range.ts'
import type { MediaReply, MediaRequest } from '../upstream/media.ts'
import type { ClipFile } from './clip-files.ts'

/** What is answered from a clip on disk, and which part of it is the body. */
export interface StoredAnswer {
  readonly reply: MediaReply
  readonly part: ByteRange | undefined
}

/** The whole (200), a part (206), what the client has (304), or nothing that there is (416). */
export function answerFrom(file: ClipFile, request: MediaRequest): StoredAnswer {
  const etag = `"${file.etag}"`
  const headers = {
    'content-type': 'video/mp4',
    'accept-ranges': 'bytes',
    etag,
    'cache-control': 'private, no-cache',
  }
  if (matches(request.ifNoneMatch, etag))
    return {
      reply: { status: 304, headers: { etag, 'cache-control': 'private, no-cache' } },
      part: undefined,
    }

  const asked = request.method === 'GET' && (request.ifRange === undefined || request.ifRange === etag)
  const range = asked ? parseRange(request.range, file.bytes) : undefined
  if (range === 'unsatisfiable') {
    const unsatisfied = { ...headers, 'content-range': `bytes */${file.bytes}` }
    return { reply: { status: 416, headers: unsatisfied }, part: undefined }
  }
  const { start, end } = range ?? { start: 0, end: file.bytes - 1 }
  const of = range ? { 'content-range': `bytes ${start}-${end}/${file.bytes}` } : {}
  return {
    reply: { status: range ? 206 : 200, headers: { ...headers, ...of, 'content-length': end - start + 1 } },
    part: request.method === 'HEAD' ? undefined : { start, end },
  }
}
