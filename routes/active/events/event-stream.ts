import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'

const Id = Type.Optional(Type.String({ maxLength: 64 }))

const eventStream: FastifyPluginAsyncTypebox = async app => {
  app.get(
    '/api/events/stream',
    {
      config: { media: true },
      exposeHeadRoute: false,
      schema: {
        summary: 'Events of the cameras that you may see, as they happen',
        description:
          'Server-sent events: `new`, `update` and `end`, each with an event; `ready` when what was missed has been sent, and `gap` when it is no longer known. Resumes from `Last-Event-ID`.',
        produces: ['text/event-stream'],
        querystring: Type.Object({ lastEventId: Id }),
        headers: Type.Object({ 'last-event-id': Id }),
      },
    },
    (request, reply) =>
      app.sendEvents(request, reply, request.headers['last-event-id'] ?? request.query.lastEventId),
  )
}
export default eventStream
