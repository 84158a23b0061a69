import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { errors } from '../schemas/errors.ts'

const HandleParams = Type.Object({ handle: Type.String() })
const Word = Type.Optional(Type.String())
const ReloadQuery = Type.Object({ _HLS_msn: Word, _HLS_part: Word, _HLS_skip: Word })

/** The media playlists of a live stream: the same bytes for all who watch it. */
const playlists: FastifyPluginAsyncTypebox = async app => {
  app.get(
    '/api/hls/:handle/media.m3u8',
    {
      config: { handle: 'live' },
      schema: {
        summary: 'Plain HLS of a live stream',
        produces: ['application/vnd.apple.mpegurl'],
        params: HandleParams,
        response: { 200: Type.String(), ...errors(403, 404, 503) },
      },
    },
    async (request, reply) => {
      const stream = await app.hls.open(request.subject.id)
      return app.sendPlain(reply, stream)
    },
  )
  app.get(
    '/api/hls/:handle/low-latency.m3u8',
    {
      config: { handle: 'live' },
      schema: {
        summary: 'Low-Latency HLS of a live stream',
        description: 'Blocking reload and delta updates as in RFC 8216bis, 6.2.5.',
        produces: ['application/vnd.apple.mpegurl'],
        params: HandleParams,
        querystring: ReloadQuery,
        response: { 200: Type.String(), ...errors(400, 403, 404, 503) },
      },
    },
    async (request, reply) => {
      const stream = await app.hls.open(request.subject.id)
      return app.sendLowLatency(request, reply, stream, request.query)
    },
  )
}
export default playlists
