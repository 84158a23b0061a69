import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { errors } from '../schemas/errors.ts'

/** What the media playlists name. `:window` never stands for other bytes again. */
const media: FastifyPluginAsyncTypebox = async app => {
  app.get(
    '/api/hls/:handle/:window/:name',
    {
      config: { handle: 'live' },
      schema: {
        summary: 'An init segment, segment or part of a live stream',
        produces: ['video/mp4'],
        params: Type.Object({ handle: Type.String(), window: Type.String(), name: Type.String() }),
        response: errors(403, 404, 416),
      },
    },
    async (request, reply) => {
      const { window, name } = request.params
      const stream = app.hls.windowOf(request.subject.id, window)
      reply.header('cache-control', 'private, max-age=60')
      return app.sendHls(request, reply, stream, name)
    },
  )
}
export default media
