import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { CameraParams } from '../../schemas/camera.ts'
import { Query } from '../../schemas/event.ts'

const Time = Type.Number({ minimum: 0, maximum: 1e11, description: 'Epoch seconds' })

const recordingVod: FastifyPluginAsyncTypebox = async app => {
  app.get(
    '/api/recordings/:id/vod.m3u8',
    {
      config: { media: true },
      schema: {
        summary:
          'What is recorded of a camera between two times, as HLS; a day at most, also one of 25 hours',
        produces: ['application/vnd.apple.mpegurl'],
        params: CameraParams,
        querystring: Query({ after: Time, before: Time }),
      },
    },
    async (request, reply) => {
      const { id: camera } = await app.cameras.require(request.identity, request.params.id)
      const { after, before } = app.frigate.recordings.span(request.query)
      const subject = { kind: 'recording', id: `${after}-${before}`, camera } as const
      const handle = await app.handles.issue(request.identity, subject)
      const prefix = `../../hls/recording/${handle}/`
      const playlist = await reply.ask(
        signal => app.vod.master({ camera, after, before }, prefix, signal),
        'query',
      )
      return reply
        .header('content-type', 'application/vnd.apple.mpegurl')
        .header('cache-control', 'private, no-store')
        .send(playlist)
    },
  )
}
export default recordingVod
