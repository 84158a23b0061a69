import type { OutgoingHttpHeaders } from 'node:http'
import { Readable } from 'node:stream'
import fp from 'fastify-plugin'
import type { MediaReply } from '../src/upstream/media.ts'
import { sendPulled } from '../src/upstream/send-pulled.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /**
     * Answers with media of a camera. The signal is aborted the moment the client is gone, also while nothing has
     * come yet; the reply ends when the right to see the camera does.
     */
    sendMedia(
      request: FastifyRequest,
      reply: FastifyReply,
      camera: string,
      make: (signal: AbortSignal) => Promise<MediaReply | TextReply>,
    ): Promise<FastifyReply>
  }
}

/** Something short that is sent as it is, such as a playlist. */
interface TextReply extends Omit<MediaReply, 'body'> {
  readonly body: string
}

/** A client that takes nothing for so long is cut: a player that comes back asks for the range that it lacks. */
const STALLED_MS = 120_000

export default fp(
  async app => {
    app.decorate('sendMedia', async (request, reply, camera, make) => {
      const { raw } = reply
      if (raw.destroyed) return reply.hijack()
      const gone = new AbortController()
      const release = app.viewers.add({
        identity: request.identity,
        kind: 'mp4',
        camera,
        end: () => raw.destroy(),
      })
      raw.setTimeout(STALLED_MS, () => raw.destroy())
      raw.once('close', () => {
        release()
        if (!raw.writableFinished) gone.abort()
      })
      try {
        const { status, headers, body } = await make(gone.signal)
        if (gone.signal.aborted) {
          discard(body)
          return reply.hijack()
        }
        reply.code(status).headers(headers)
        if (body === undefined || typeof body === 'string' || body instanceof Readable)
          return await reply.send(body)
        reply.hijack()
        raw.writeHead(status, reply.getHeaders() as OutgoingHttpHeaders)
        await sendPulled(body, raw)
        return reply
      } catch (error) {
        if (gone.signal.aborted) return reply.hijack()
        throw error
      }
    })
  },
  { name: 'media-reply', dependencies: ['viewers'] },
)

function discard(body: MediaReply['body'] | string): void {
  if (body instanceof Readable) body.on('error', () => {}).destroy()
  else if (typeof body === 'object') body.close()
}
