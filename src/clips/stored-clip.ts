import { createReadStream } from 'node:fs'
import type { MediaReply, MediaRequest } from '../upstream/media.ts'
import type { ClipFile } from './clip-files.ts'
import { parseRange } from './range.ts'

/** Answers from a clip on disk: whole, in part (206), as what the client has (304), or not at all (416). */
export function answerFrom(file: ClipFile, request: MediaRequest): MediaReply {
  const etag = `"${file.etag}"`
  const headers = {
    'content-type': 'video/mp4',
    'accept-ranges': 'bytes',
    etag,
    'cache-control': 'private, no-cache',
  }
  if (request.ifNoneMatch?.split(',').some(one => one.trim().replace(/^W\//, '') === etag))
    return { status: 304, headers: { etag, 'cache-control': 'private, no-cache' } }

  const asked = request.method === 'GET' && (request.ifRange === undefined || request.ifRange === etag)
  const range = asked ? parseRange(request.range, file.bytes) : undefined
  if (range === 'unsatisfiable')
    return { status: 416, headers: { ...headers, 'content-range': `bytes */${file.bytes}` } }

  const { start, end } = range ?? { start: 0, end: file.bytes - 1 }
  const part = range ? { 'content-range': `bytes ${start}-${end}/${file.bytes}` } : {}
  return {
    status: range ? 206 : 200,
    headers: { ...headers, ...part, 'content-length': end - start + 1 },
    ...(request.method === 'HEAD' ? {} : { body: createReadStream(file.path, { start, end }) }),
  }
}
