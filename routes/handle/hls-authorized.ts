import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'

/**
 * What a cache in front asks before it answers from what it has (nginx: `auth_request`): 204, or 403 whatever the
 * reason, as nginx takes any other status for a failure.
 */
const authorized: FastifyPluginAsyncTypebox = async app => {
  if (!app.config.hls.sharedCache) return
  app.get(
    '/api/hls/:handle/:window/authorized',
    {
      config: { handle: 'live' },
      errorHandler: (_error, _request, reply) => {
        reply.code(403).send()
      },
      schema: {
        summary: 'Whether a handle opens a window, for a shared cache',
        params: Type.Object({ handle: Type.String(), window: Type.String() }),
      },
    },
    async (request, reply) => {
      app.hls.windowOf(request.subject.id, request.params.window)
      return reply.code(204).send()
    },
  )
}
export default authorized
