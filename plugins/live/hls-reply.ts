import type { FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { HlsGone } from '../../src/hls/errors.ts'
import type { HlsStream } from '../../src/hls/hls-stream.ts'
import { parseMediaName } from '../../src/hls/playlists/media-name.ts'
import { readAwaited } from '../../src/hls/playlists/reload.ts'
import type { Part } from '../../src/hls/recording/part.ts'
import { parseRange } from '../../src/http/range.ts'

export interface ReloadQuery {
  readonly _HLS_msn?: string
  readonly _HLS_part?: string
  readonly _HLS_skip?: string
}

declare module 'fastify' {
  interface FastifyInstance {
    /** Answers with the plain playlist of a stream. */
    sendPlain(reply: FastifyReply, stream: HlsStream): FastifyReply
    /** Answers with the low-latency playlist of a stream, when it has what the query waits for. */
    sendLowLatency(
      request: FastifyRequest,
      reply: FastifyReply,
      stream: HlsStream,
      query: ReloadQuery,
    ): Promise<FastifyReply>
    /** Answers with an init segment, a segment or a part, by the name that playlists give it. */
    sendHls(
      request: FastifyRequest,
      reply: FastifyReply,
      stream: HlsStream,
      name: string,
    ): Promise<FastifyReply>
  }
}

/** Replies from an HLS window. They end with the right to see the stream, also while they wait or are being sent. */
export default fp(
  async app => {
    const { stalledMs } = app.config.live

    app.decorate('sendPlain', (reply, stream) => {
      return reply.header('content-type', PLAYLIST).header('cache-control', 'no-store').send(stream.plain())
    })

    app.decorate('sendLowLatency', async (request, reply, stream, query) => {
      const awaited = readAwaited(query._HLS_msn, query._HLS_part)
      const skip = query._HLS_skip === 'YES' || query._HLS_skip === 'v2'
      const playlist = await whileThere(request, reply, stream, async signal => {
        if (!awaited) await stream.readyForParts(signal)
        return stream.lowLatency(awaited, skip, signal)
      })
      return reply.header('content-type', PLAYLIST).header('cache-control', 'no-store').send(playlist)
    })

    app.decorate('sendHls', async (request, reply, stream, name) => {
      const media = parseMediaName(name)
      if (!media) throw new HlsGone()
      reply.header('content-type', 'video/mp4')
      if (media.kind === 'map') {
        return reply.send(stream.map(media.number))
      }
      if (media.kind === 'segment') return sendParts(request, reply, stream, stream.segment(media.number))
      const parts = await whileThere(request, reply, stream, signal =>
        stream.part(media.number, media.part, signal),
      )
      return sendParts(request, reply, stream, parts)
    })

    /** Waits no longer than the client, its rights and the server last. */
    async function whileThere<T>(
      request: FastifyRequest,
      reply: FastifyReply,
      stream: HlsStream,
      wait: (signal: AbortSignal) => Promise<T>,
    ): Promise<T> {
      const gone = new AbortController()
      const abort = () => gone.abort()
      reply.raw.once('close', abort)
      const release = follow(request, stream)
      try {
        return await wait(gone.signal)
      } finally {
        reply.raw.off('close', abort)
        release()
      }
    }

    function follow(request: FastifyRequest, stream: HlsStream): () => void {
      // A cache in front asks for nobody in particular.
      if (!request.identity) return () => {}
      return app.viewers.add({ ...watcher(request, stream), end: () => request.raw.socket.destroy() })
    }

    function sendParts(
      request: FastifyRequest,
      reply: FastifyReply,
      stream: HlsStream,
      parts: readonly Part[],
    ): FastifyReply {
      // Whoever waited for a part hears of it a moment later, in which memory may have run short.
      if (parts.some(part => part.gone)) throw new HlsGone()
      const bytes = parts.reduce((sum, part) => sum + part.bytes, 0)
      const { range: wanted, 'if-range': condition } = request.headers
      const range = condition === undefined ? parseRange(wanted, bytes) : undefined
      reply.header('accept-ranges', 'bytes')
      if (range === 'unsatisfiable')
        return reply.code(416).header('content-range', `bytes */${bytes}`).header('content-length', 0).send()
      const { start, end } = range ?? { start: 0, end: bytes - 1 }
      reply.header('content-length', end + 1 - start)
      if (range) reply.code(206).header('content-range', `bytes ${start}-${end}/${bytes}`)

      reply.hijack()
      if (request.raw.socket.destroyed) return reply
      reply.raw.writeHead(reply.statusCode, reply.getHeaders() as Record<string, string>)
      if (request.method === 'HEAD') {
        reply.raw.end()
        return reply
      }
      reply.raw.once('close', follow(request, stream))
      reply.raw.setTimeout(stalledMs, () => request.raw.socket.destroy())
      stream.deliver(reply.raw, parts, { start, end })
      return reply
    }
  },
  { name: 'hls-reply', dependencies: ['hls', 'viewers'] },
)

function watcher({ identity, subject: { camera } }: FastifyRequest, { hub }: HlsStream) {
  const of = { identity, kind: 'hls', stream: hub.stream } as const
  return camera === undefined ? of : { ...of, camera }
}

const PLAYLIST = 'application/vnd.apple.mpegurl'
