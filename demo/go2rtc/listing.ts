import type { Stream } from './stream.ts'

/** `GET /api/streams`: go2rtc's shape, source URLs with their passwords included. */
export function listing(streams: Iterable<Stream>): Record<string, unknown> {
  return Object.fromEntries([...streams].map(stream => [stream.name, describe(stream)]))
}

function describe(stream: Stream) {
  const consumers = [...stream.consumers].map((consumer, index) => ({
    id: index + 1,
    format_name: consumer.sink.format,
    protocol: consumer.sink.protocol,
    remote_addr: consumer.sink.remoteAddress,
    user_agent: consumer.sink.userAgent,
    bytes_send: consumer.bytesSent,
  }))
  return {
    producers: stream.producers.map(({ url }) => ({ url })),
    consumers: consumers.length > 0 ? consumers : null,
  }
}
