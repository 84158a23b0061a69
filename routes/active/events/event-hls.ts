import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { EventParams } from '../../schemas/event.ts'

const eventHls: FastifyPluginAsyncTypebox = async app => {
  app.get(
    '/api/events/:id/clip.m3u8',
    {
      config: { media: true },
      schema: {
        summary: 'The clip of an event as HLS',
        description:
          'What it names needs no token: its path is given to this session alone, and dies with it.',
        produces: ['application/vnd.apple.mpegurl'],
        params: EventParams,
      },
    },
    async (request, reply) => {
      const { id, camera } = await reply.ask(
        () => app.frigate.events.require(request.identity, request.params.id),
        'query',
      )
      const handle = await app.handles.issue(request.identity, { kind: 'clip', id, camera })
      const prefix = `../../hls/clip/${handle}/`
      const playlist = await reply.ask(signal => app.vod.master({ event: id }, prefix, signal), 'query')
      return reply
        .header('content-type', 'application/vnd.apple.mpegurl')
        .header('cache-control', 'private, no-store')
        .send(playlist)
    },
  )

  app.delete(
    '/api/events/:id/hls',
    {
      schema: {
        summary: 'The clip is played no more: its path dies',
        params: EventParams,
        response: { 200: Type.Object({ deleted: Type.Literal(true) }) },
      },
    },
    async request => {
      const { id } = request.params
      await app.handles.release(request.identity, 'clip', id)
      return { deleted: true as const }
    },
  )
}
export default eventHls
