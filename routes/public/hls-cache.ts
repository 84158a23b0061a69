import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { errors } from '../schemas/errors.ts'

/**
 * Segments without a handle, for a cache in front that asks about each of its own requests (`docs/hls.md`).
 * They are given to a trusted proxy and to nobody else.
 */
const cache: FastifyPluginAsyncTypebox = async app => {
  if (!app.config.hls.sharedCache) return
  app.get(
    '/api/hls-cache/:window/:name',
    {
      schema: {
        summary: 'An init segment, segment or part of a live stream, for a shared cache',
        produces: ['video/mp4'],
        params: Type.Object({ window: Type.String(), name: Type.String() }),
        response: errors(404, 416),
      },
    },
    async (request, reply) => {
      const { window, name } = request.params
      const from = request.raw.socket.remoteAddress
      const stream = app.config.server.trustedProxies.has(from ?? '') ? app.hls.byId(window) : undefined
      if (!stream) return reply.callNotFound()
      reply.header('cache-control', 'public, max-age=3600, immutable')
      return app.sendHls(request, reply, stream, name)
    },
  )
}
export default cache
