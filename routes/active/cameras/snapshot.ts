import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { CameraParams } from '../../schemas/camera.ts'

const Height = Type.Optional(Type.Integer({ minimum: 1, maximum: 4320 }))

const snapshot: FastifyPluginAsyncTypebox = async app => {
  app.get(
    '/api/camera/:id/snapshot',
    {
      config: { media: true },
      schema: {
        summary: 'The latest picture of a camera, at most a second old',
        description: '`x-camera-stale: 1` says that the camera gives no new pictures.',
        produces: ['image/jpeg'],
        params: CameraParams,
        querystring: Type.Object({
          h: Height,
          height: Height,
          quality: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })),
        }),
      },
    },
    async (request, reply) => {
      const { height, h, quality } = request.query
      const { id } = await app.cameras.require(request.identity, request.params.id)
      const { jpeg, stale } = await reply.ask(() =>
        app.snapshots.get(id, request.owner, { height: height ?? h, quality }),
      )
      reply.header('content-type', 'image/jpeg').header('cache-control', 'private, no-store')
      if (stale) reply.header('x-camera-stale', '1')
      return reply.send(jpeg)
    },
  )
}
export default snapshot
