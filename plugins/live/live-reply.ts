import type { FastifyReply } from 'fastify'
import fp from 'fastify-plugin'
import { PLAIN_VIDEO } from '../../src/live/camera/playable.ts'
import { raw } from '../../src/live/timeline/framing.ts'
import { watch } from '../../src/live/viewers/watch.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** Answers with a stream as endless MP4 until either side ends it. */
    sendLive(request: FastifyRequest, reply: FastifyReply, stream: string): Promise<FastifyReply>
  }
}

/** The reply ends with its connection, so that fragments go into the socket as they are, without chunk framing. */
export default fp(
  async app => {
    app.decorate('sendLive', async (request, reply, stream) => {
      const hub = await app.live.find(stream, PLAIN_VIDEO)
      reply.headers({ 'content-type': hub.media.mimeType, 'cache-control': 'no-store', connection: 'close' })
      if (request.method === 'HEAD') return reply.send()
      const { socket } = request.raw
      if (socket.destroyed) return reply.hijack()

      const release = app.viewers.add({
        identity: request.identity,
        kind: 'mp4',
        stream,
        end: () => socket.destroy(),
      })
      socket.once('close', release)
      request.place?.leave()
      startBody(reply)
      // Whoever takes nothing is the hub's to judge.
      socket.setTimeout(0)
      try {
        watch(app.live, hub, socket, {
          framing: raw,
          plainVideo: true,
          onEnd: () => socket.destroy(),
        })
      } catch (error) {
        request.log.warn({ err: error }, 'live reply ended')
        socket.destroy()
      }
      return reply
    })
  },
  { name: 'live-reply', dependencies: ['live', 'viewers'] },
)

function startBody(reply: FastifyReply): void {
  reply.hijack()
  reply.raw.removeHeader('transfer-encoding')
  reply.raw.writeHead(200, reply.getHeaders() as Record<string, string>)
  reply.raw.flushHeaders()
}
