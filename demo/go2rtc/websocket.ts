import type { IncomingMessage } from 'node:http'
import type { WebSocket } from 'ws'
import type { Consumer, Sink } from './consumer.ts'
import { MOST_UNSENT_BYTES, peer } from './http-sink.ts'
import { ANSWER, CANDIDATE } from './sdp.ts'
import { contentType, JPEG_WANTED, wantedByCodecs } from './selection.ts'
import type { Stream } from './stream.ts'
import type { Streams } from './streams.ts'

/** go2rtc's WebSocket protocol: JSON `{type, value}` in text frames, media in binary ones. */
export function serveWebSocket(socket: WebSocket, request: IncomingMessage, streams: Streams): void {
  const source = new URL(request.url ?? '', 'http://stand-in').searchParams.get('src')
  const say = (type: string, value?: string) => socket.send(JSON.stringify({ type, value }))
  const open = (format: Sink['format'], add: (stream: Stream, sink: Sink) => Consumer): Consumer => {
    const stream = streams.bySource(source)
    if (!stream) throw new Error('stream not found')
    const consumer = add(stream, webSocketSink(socket, request, format))
    socket.on('close', () => stream.remove(consumer))
    return consumer
  }

  const handlers: Readonly<Record<string, (value: unknown) => void>> = {
    mse: value => {
      const consumer = open('mse/fmp4', (stream, sink) => stream.add(wantedByCodecs(value), sink))
      say('mse', contentType(consumer.tracks))
      consumer.write(consumer.init)
      consumer.start()
    },
    mjpeg: () => {
      const consumer = open('mjpeg', (stream, sink) => stream.add(JPEG_WANTED, sink))
      say('mjpeg')
      consumer.start()
    },
    'webrtc/offer': () => {
      if (!streams.bySource(source)) throw new Error('stream not found')
      say('webrtc/answer', ANSWER)
      say('webrtc/candidate', CANDIDATE)
    },
  }

  socket.on('error', () => socket.terminate())
  socket.on('message', (data: Buffer) => {
    const message = parse(data)
    if (!message) return socket.terminate()
    try {
      handlers[message.type]?.(message.value)
    } catch (error) {
      say('error', `${message.type}: ${error instanceof Error ? error.message : String(error)}`)
    }
  })
}

function parse(data: Buffer): { type: string; value?: unknown } | undefined {
  try {
    const message: unknown = JSON.parse(data.toString())
    return typeof message === 'object' &&
      message !== null &&
      'type' in message &&
      typeof message.type === 'string'
      ? (message as { type: string; value?: unknown })
      : undefined
  } catch {
    return undefined
  }
}

function webSocketSink(socket: WebSocket, request: IncomingMessage, format: Sink['format']): Sink {
  return {
    format,
    protocol: 'ws',
    ...peer(request),
    write: bytes => {
      if (socket.bufferedAmount < MOST_UNSENT_BYTES) socket.send(bytes)
    },
    close: () => socket.terminate(),
  }
}
