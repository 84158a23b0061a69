import replyFrom from '@fastify/reply-from'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { EventParams } from '../../schemas/event.ts'

const eventClip: FastifyPluginAsyncTypebox = async app => {
  app.register(replyFrom, app.mediaForwarding)
  for (const url of ['/api/events/:id/clip.mp4', '/api/frigate/events/:id/clip.mp4']) {
    app.route({
      method: ['GET', 'HEAD'],
      url,
      config: { media: true },
      schema: {
        summary: 'The clip of an event, seekable',
        description:
          'Takes `Range`, `If-Range` and `If-None-Match`. While the clip is still being fetched from Frigate a plain GET gets it as it comes, and `HEAD` and `Range` wait: at most a minute, then 503.',
        produces: ['video/mp4'],
        params: EventParams,
      },
      handler: async (request, reply) => {
        const owner = await reply.ask(
          () => app.frigate.events.require(request.identity, request.params.id),
          'query',
        )
        const { headers, method } = request
        return app.sendMedia(request, reply, owner.camera, signal =>
          app.clips.get(owner, request.owner, {
            method: method === 'HEAD' ? 'HEAD' : 'GET',
            range: headers.range,
            ifRange: headers['if-range'] as string | undefined,
            ifNoneMatch: headers['if-none-match'],
            signal,
          }),
        )
      },
    })
  }
}
export default eventClip
