import type { OutgoingHttpHeaders } from 'node:http'
import type { FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import type { Viewer } from '../../src/access/viewers.ts'
import type { Forwarding, MediaReply, PulledBody } from '../../src/upstream/media.ts'
import { Pages } from '../../src/upstream/pages.ts'
import { sendPulled } from '../../src/upstream/send-pulled.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /**
     * Answers with media of a camera. The signal is aborted the moment the client is gone, also while nothing has
     * come yet; the reply ends when the right to see the camera does. A `Forwarding` needs `@fastify/reply-from` in the
     * route's scope.
     */
    sendMedia(
      request: FastifyRequest,
      reply: FastifyReply,
      camera: string,
      make: (signal: AbortSignal) => Promise<MediaReply | TextReply | Forwarding>,
    ): Promise<FastifyReply>
    /**
     * As `sendMedia`, for what go2rtc makes of a stream for this client alone, until either side ends it. It holds a place of
     * its user's, and throws PASSTHROUGH_BUSY if there is none.
     */
    sendEndless(
      request: FastifyRequest,
      reply: FastifyReply,
      stream: string,
      make: (signal: AbortSignal) => Promise<MediaReply>,
    ): Promise<FastifyReply>
  }
}

/** Something short that is sent as it is, such as a playlist. */
interface TextReply extends Omit<MediaReply, 'body'> {
  readonly body: string
}

type Make = (signal: AbortSignal) => Promise<MediaReply | TextReply | Forwarding>

export default fp(
  async app => {
    const pages = new Pages()
    const endless = new Pages()
    app.ledger.watch('media pages', () => pages.inUse + endless.inUse)

    app.decorate('sendMedia', (request, reply, camera, make) =>
      send(request, reply, { kind: 'media', camera }, pages, make),
    )
    app.decorate('sendEndless', async (request, reply, stream, make) => {
      const leave = app.go2rtc.consumers.take(request.owner, 1, () => reply.raw.destroy())
      try {
        return await send(request, reply, { kind: 'mjpeg', stream }, endless, make)
      } finally {
        leave()
      }
    })

    async function send(
      request: FastifyRequest,
      reply: FastifyReply,
      shown: Pick<Viewer, 'kind' | 'camera' | 'stream'>,
      pages: Pages,
      make: Make,
    ): Promise<FastifyReply> {
      const { raw } = reply
      if (raw.destroyed) return reply.hijack()
      const gone = new AbortController()
      const release = app.viewers.add({
        ...shown,
        identity: request.identity,
        end: () => raw.destroy(),
      })
      raw.once('close', () => {
        release()
        if (!raw.writableFinished) gone.abort()
      })
      let body: PulledBody | string | undefined
      try {
        body = await begin(reply, await make(gone.signal), gone.signal)
        gone.signal.throwIfAborted()
        if (typeof body !== 'object') return await reply.send(body)
        const page = pages.take()
        reply.hijack()
        raw.writeHead(reply.statusCode, reply.getHeaders() as OutgoingHttpHeaders).flushHeaders()
        await sendPulled(body, raw, page)
        pages.give(page)
        return reply
      } catch (error) {
        if (typeof body === 'object') body.close()
        if (gone.signal.aborted) return reply.hijack()
        throw error
      }
    }
  },
  { name: 'media-reply', dependencies: ['viewers', 'ledger', 'go2rtc', 'media-forwarding'] },
)

/** Sets status and headers; resolves to the body that is to follow. */
async function begin(
  reply: FastifyReply,
  made: MediaReply | TextReply | Forwarding,
  signal: AbortSignal,
): Promise<PulledBody | string | undefined> {
  if (!('path' in made)) {
    reply.code(made.status).headers(made.headers)
    return made.body
  }
  const body = await reply.forward(made, signal)
  if (reply.request.method === 'GET' && reply.statusCode < 300) return body
  body.close()
  return undefined
}
