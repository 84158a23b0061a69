import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { StreamUnknown } from './errors.ts'

const Name = Type.String({ minLength: 1, maxLength: 256 })

/** Endless fragmented MP4, for a plain `<video>`. A `Range` in the request is ignored: there is no end to count from. */
const mp4: FastifyPluginAsyncTypebox = async app => {
  app.get(
    '/api/camera/:id/stream.mp4',
    {
      schema: {
        summary: 'Live video of a camera as endless MP4',
        produces: ['video/mp4'],
        params: Type.Object({ id: Name }),
      },
      config: { media: true },
    },
    async (request, reply) => {
      const { stream } = await app.cameras.require(request.identity, request.params.id)
      return app.sendLive(request, reply, stream)
    },
  )
  app.get(
    '/api/go2rtc/mse/:stream',
    {
      schema: {
        summary: 'Live video of a go2rtc stream as endless MP4',
        produces: ['video/mp4'],
        params: Type.Object({ stream: Name }),
      },
      config: { media: true },
    },
    async (request, reply) => {
      const { stream } = request.params
      if (!(await app.cameras.streamVisibleTo(request.identity, stream))) throw new StreamUnknown()
      return app.sendLive(request, reply, stream)
    },
  )
}
export default mp4
