import type { IncomingMessage, ServerResponse } from 'node:http'
import { httpSink } from './http-sink.ts'
import { listing } from './listing.ts'
import { ANSWER } from './sdp.ts'
import { contentType, JPEG_WANTED, wantedByQuery } from './selection.ts'
import type { Streams } from './streams.ts'

export interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly query: URLSearchParams
  readonly streams: Streams
}

type Handler = (exchange: Exchange) => void

/** What go2rtc answers where, as far as it is played here. */
export const routes: Readonly<Record<string, Handler>> = {
  '/api': ({ request, response }) =>
    json(response, { config_path: '/config/go2rtc.yaml', host: request.headers.host, version: '1.9.14' }),

  '/api/streams': ({ response, streams }) => json(response, listing(streams.all())),

  '/api/stream.mp4': streamMp4,

  '/api/frame.jpeg': ({ response, query, streams }) => {
    const stream = streams.bySource(query.get('src'))
    if (!stream) return notFound(response)
    const picture = stream.picture()
    if (!picture) return text(response, 500, 'exec: "ffmpeg": executable file not found in $PATH')
    response.writeHead(200, {
      'content-type': 'image/jpeg',
      'content-length': picture.length,
      'cache-control': 'no-cache',
      connection: 'close',
      pragma: 'no-cache',
    })
    response.end(picture)
  },

  '/api/stream.mjpeg': exchange => {
    const { request, response, query, streams } = exchange
    const stream = streams.byName(query.get('src'))
    if (!stream) return notFound(response)
    const sink = httpSink(request, response, 'mjpeg', multipart)
    const headers = { 'cache-control': 'no-cache', connection: 'close', pragma: 'no-cache' }
    try {
      const consumer = stream.add(JPEG_WANTED, sink)
      response.on('close', () => stream.remove(consumer))
      response.writeHead(200, { ...headers, 'content-type': 'multipart/x-mixed-replace; boundary=frame' })
      consumer.start()
    } catch {
      response.writeHead(200).end()
    }
  },

  '/api/webrtc': ({ request, response, query, streams }) => {
    if (request.method !== 'POST') return text(response, 405, '')
    if (!streams.byName(query.get('src'))) return notFound(response)
    request.resume().on('end', () => {
      response.writeHead(201, { 'content-type': 'application/sdp' })
      response.end(ANSWER)
    })
  },
}

/** Headers and init segment leave with the first fragment, as there: until the next sync sample nothing comes. */
function streamMp4({ request, response, query, streams }: Exchange): void {
  const userAgent = request.headers['user-agent'] ?? ''
  if (/ Safari\//.test(userAgent) && !/ Chrome\//.test(userAgent) && !query.has('duration')) {
    const location = `/api/stream.m3u8${request.url?.slice(request.url.indexOf('?'))}${query.has('mp4') ? '' : '&mp4'}`
    response.writeHead(301, { location }).end()
    return
  }
  const stream = streams.bySource(query.get('src'))
  if (!stream) {
    notFound(response)
    return
  }
  try {
    const sink = httpSink(
      request,
      response,
      'mp4',
      first(bytes => Buffer.concat([consumer.init, bytes])),
    )
    const consumer = stream.add(wantedByQuery(query), sink)
    response.on('close', () => stream.remove(consumer))
    response.setHeader('content-type', contentType(consumer.tracks))
    consumer.start()
  } catch (error) {
    text(response, 500, error instanceof Error ? error.message : String(error))
  }
}

/** Frames the first message with `prefix` and passes the rest on. */
function first(prefix: (bytes: Buffer) => Buffer): (bytes: Buffer) => Buffer {
  let done = false
  return bytes => {
    if (done) return bytes
    done = true
    return prefix(bytes)
  }
}

function multipart(jpeg: Buffer): Buffer {
  const head = `--frame\r\nContent-Type: image/jpeg\r\nContent-Length: ${jpeg.length}\r\n\r\n`
  return Buffer.concat([Buffer.from(head), jpeg, Buffer.from('\r\n')])
}

function json(response: ServerResponse, value: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(`${JSON.stringify(value)}\n`)
}

function text(response: ServerResponse, status: number, sentence: string): void {
  const headers = { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' }
  response.writeHead(status, headers).end(`${sentence}\n`)
}

export function notFound(response: ServerResponse): void {
  text(response, 404, 'stream not found')
}
