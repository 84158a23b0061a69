import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { CameraParams } from '../../schemas/camera.ts'
import { errors } from '../../schemas/errors.ts'
import { StreamUnknown } from './errors.ts'

const Query = Type.Object({
  ll: Type.Optional(Type.String({ description: '`1` for low latency, `0` for plain HLS' })),
})

/** Where HLS begins: the playlist that a token opens. What it names is opened by a path handle. */
const hls: FastifyPluginAsyncTypebox = async app => {
  app.get(
    '/api/camera/:id/stream.m3u8',
    {
      config: { media: true },
      schema: {
        summary: 'Live video of a camera as HLS',
        produces: ['application/vnd.apple.mpegurl'],
        params: CameraParams,
        querystring: Query,
        response: errors(404, 503),
      },
    },
    async (request, reply) => {
      const { id, stream } = await app.cameras.require(request.identity, request.params.id)
      return start(request, reply, { stream, camera: id, up: '../..', ll: request.query.ll })
    },
  )
  app.get(
    '/api/go2rtc/hls/:stream/stream.m3u8',
    {
      config: { media: true },
      schema: {
        summary: 'Live video of a go2rtc stream as HLS',
        produces: ['application/vnd.apple.mpegurl'],
        params: Type.Object({ stream: Type.String({ minLength: 1, maxLength: 256 }) }),
        querystring: Query,
        response: errors(404, 503),
      },
    },
    async (request, reply) => {
      const { stream } = request.params
      if (!(await app.cameras.streamVisibleTo(request.identity, stream))) throw new StreamUnknown()
      const { cameras } = await app.cameras.visibleTo(request.identity)
      const camera = cameras.find(one => one.streams.has(stream))?.id
      return start(request, reply, { stream, camera, up: '../../..', ll: request.query.ll })
    },
  )

  async function start(
    request: FastifyRequest,
    reply: FastifyReply,
    {
      stream,
      camera,
      up,
      ll,
    }: { stream: string; camera: string | undefined; up: string; ll: string | undefined },
  ) {
    const hls = await app.hls.open(stream)
    const handle = await app.handles.issue(request.identity, { kind: 'live', id: stream, camera })
    const lowLatency = ll === undefined ? app.config.hls.lowLatency : ll === '1'
    const playlist = lowLatency ? 'low-latency.m3u8' : 'media.m3u8'
    reply.header('content-type', 'application/vnd.apple.mpegurl').header('cache-control', 'no-store')
    return reply.send(hls.multivariant(`${up}/hls/${handle}/${playlist}`))
  }
}
export default hls
