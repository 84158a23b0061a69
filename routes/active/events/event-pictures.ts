import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { EventParams } from '../../schemas/event.ts'

const eventPictures: FastifyPluginAsyncTypebox = async app => {
  for (const kind of ['snapshot', 'thumbnail'] as const) {
    app.get(
      `/api/events/:id/${kind}.jpg`,
      {
        config: { media: true },
        schema: { summary: `The ${kind} of an event`, produces: ['image/jpeg'], params: EventParams },
      },
      async (request, reply) => {
        const picture = await reply.ask(async signal => {
          const owner = await app.frigate.events.require(request.identity, request.params.id)
          return app.frigate.pictures.get(owner, kind, request.headers['if-none-match'], signal)
        }, 'picture')
        reply
          .header('etag', picture.etag)
          .header(
            'cache-control',
            picture.immutable ? 'private, max-age=31536000, immutable' : 'private, no-cache',
          )
        if (picture.jpeg === undefined) return reply.code(304).send()
        return reply.header('content-type', 'image/jpeg').send(picture.jpeg)
      },
    )
  }
}
export default eventPictures
