import type { IncomingHttpHeaders } from 'node:http'
import httpProxy from '@fastify/http-proxy'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { errors } from '../../schemas/errors.ts'
import { StreamUnknown, UpstreamRefused, UpstreamUnreachable } from './errors.ts'

const Source = Type.Object({ src: Type.String({ minLength: 1, maxLength: 256 }) })

/**
 * What of go2rtc passes through as it is: one picture, motion JPEG and, where it is switched on, WHEP. The query is
 * rebuilt from the one allowed `src`; no header of the client's goes on but the type of its body.
 */
export default async function proxy(app: FastifyInstance) {
  pass('frame.jpeg', ['GET'], 'One picture of a stream', 'image/jpeg')
  pass('stream.mjpeg', ['GET'], 'A stream as motion JPEG', 'multipart/x-mixed-replace')
  if (app.config.live.webrtc === 'relay')
    pass('webrtc', ['POST'], 'WHEP, with `WEBRTC=relay`', 'application/sdp')

  function pass(name: string, httpMethods: string[], summary: string, type: string) {
    const description = {
      summary: `${summary}; \`src\` names it`,
      produces: [type],
      querystring: Source,
      response: errors(404),
    }
    app.register(async scope => {
      scope.addHook('onRoute', route => {
        route.config = { ...route.config, media: true }
        route.schema = { ...route.schema, ...description }
      })
      scope.removeContentTypeParser('application/json')
      scope.register(httpProxy, {
        upstream: app.go2rtc.origin,
        prefix: `/api/go2rtc/${name}`,
        rewritePrefix: `/api/${name}`,
        httpMethods,
        undici: app.go2rtc.pool,
        websocket: false,
        preHandler: guard(httpMethods),
        retryMethods: [],
        maxRetriesOn503: 0,
        replyOptions: {
          queryString: (_search, _url, request) => `src=${encodeURIComponent(sourceOf(request))}`,
          rewriteRequestHeaders: request => ({ ...bodyHeaders(request.headers), accept: '*/*' }),
          // Its words for a failure may hold the source of the camera.
          onResponse: (_request, reply, upstream) => {
            if (upstream.statusCode < 400) return reply.send(upstream.stream)
            upstream.stream.destroy()
            return reply.send(new UpstreamRefused(upstream.statusCode))
          },
          onError: reply => reply.send(new UpstreamUnreachable()),
          rewriteHeaders: headers => ({ ...bodyHeaders(headers), 'cache-control': 'no-store' }),
        },
      })
    })
  }

  function guard(httpMethods: readonly string[]) {
    return async (request: FastifyRequest, reply: FastifyReply) => {
      const beyond = (request.params as { '*'?: string })['*']
      if (beyond || !httpMethods.includes(request.method)) return reply.callNotFound()
      if (!(await app.cameras.streamVisibleTo(request.identity, sourceOf(request)))) throw new StreamUnknown()
      const { socket } = request.raw
      if (socket.destroyed) return reply.hijack()
      const release = app.viewers.add({
        identity: request.identity,
        kind: 'mjpeg',
        stream: sourceOf(request),
        end: () => socket.destroy(),
      })
      reply.raw.once('close', release)
      return undefined
    }
  }
}

function sourceOf(request: { query: unknown }): string {
  const { src } = request.query as { src?: unknown }
  return typeof src === 'string' ? src : ''
}

/** What says of a body how to read it; nothing else passes, either way. */
function bodyHeaders(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  const { 'content-type': type, 'content-length': length } = headers
  return { ...(type ? { 'content-type': type } : {}), ...(length ? { 'content-length': length } : {}) }
}
