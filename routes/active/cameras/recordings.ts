import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { CameraParams } from '../../schemas/camera.ts'
import { Query, TimeRange } from '../../schemas/event.ts'

const Recording = Type.Object(
  {
    start_time: Type.Number(),
    end_time: Type.Number(),
    duration: Type.Number({ description: 'Seconds' }),
    file_size: Type.Integer({ description: 'Bytes' }),
  },
  { additionalProperties: true },
)
const Timezone = Type.Optional(Type.String({ pattern: '^[A-Za-z0-9_+/-]{1,64}$' }))

const recordings: FastifyPluginAsyncTypebox = async app => {
  for (const path of ['/api/recordings/:id', '/api/frigate/recordings/:id']) {
    app.get(
      path,
      {
        schema: {
          summary: 'What is recorded of a camera; by default in the last hour',
          params: CameraParams,
          querystring: Query(TimeRange),
          response: { 200: Type.Array(Recording) },
        },
      },
      async (request, reply) => {
        const { id } = await app.cameras.require(request.identity, request.params.id)
        const { recordings } = app.frigate
        return reply.sendJson(await reply.ask(signal => recordings.list(id, request.query, signal), 'query'))
      },
    )

    app.get(
      `${path}/summary`,
      {
        schema: {
          summary: 'Days and hours that something is recorded of',
          params: CameraParams,
          querystring: Query({ timezone: Timezone }),
          response: { 200: Type.Array(Type.Object({}, { additionalProperties: true })) },
        },
      },
      async (request, reply) => {
        const { id } = await app.cameras.require(request.identity, request.params.id)
        const { recordings } = app.frigate
        return reply.sendJson(
          await reply.ask(signal => recordings.summary(id, request.query.timezone, signal), 'query'),
        )
      },
    )
  }
}
export default recordings
