import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { errors } from '../../schemas/errors.ts'
import { StreamUnknown } from './errors.ts'

const Source = Type.Object({ src: Type.String({ minLength: 1, maxLength: 256 }) })
type SourceRequest = FastifyRequest & { readonly query: { readonly src: string } }

/**
 * What go2rtc alone can make: one picture, motion JPEG and, where it is switched on, WHEP. Its query is built from the one
 * allowed `src`; no header of the client's goes on but the type of its body.
 */
const passthrough: FastifyPluginAsyncTypebox = async app => {
  const route = (summary: string, type: string, status = 200) => ({
    config: { media: true },
    exposeHeadRoute: false,
    schema: {
      summary: `${summary}; \`src\` names it`,
      produces: [type],
      querystring: Source,
      response: { ...(status === 200 ? {} : { [status]: Type.String() }), ...errors(404, 503) },
    },
  })

  app.get(
    '/api/go2rtc/frame.jpeg',
    route('One picture of a stream', 'image/jpeg'),
    async (request, reply) => {
      const stream = await visibleStream(request)
      const { jpeg } = await reply.ask(() => app.frames.get(stream, request.owner))
      return send(reply, 200, 'image/jpeg', jpeg)
    },
  )

  app.get(
    '/api/go2rtc/stream.mjpeg',
    route('A stream as motion JPEG', 'multipart/x-mixed-replace'),
    async (request, reply) => {
      const stream = await visibleStream(request)
      return app.sendEndless(request, reply, stream, signal => app.passthrough.mjpeg(stream, signal))
    },
  )

  if (app.config.live.webrtc === 'relay')
    app.register(async scope => {
      scope.removeAllContentTypeParsers()
      scope.addContentTypeParser('*', { parseAs: 'buffer' }, async (_: unknown, body: Buffer) => body)
      scope.post(
        '/api/go2rtc/webrtc',
        route('WHEP, with `WEBRTC=relay`', 'application/sdp', 201),
        async (request, reply) => {
          const stream = await visibleStream(request as SourceRequest)
          const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
          const offer = { type: request.headers['content-type'] ?? '', body }
          const leave = app.go2rtc.consumers.take(request.owner)
          try {
            const answer = await reply.ask(signal => app.passthrough.whep(stream, offer, signal))
            return send(reply, 201, answer.type, answer.body)
          } finally {
            leave()
          }
        },
      )
    })

  async function visibleStream({ identity, query }: SourceRequest): Promise<string> {
    if (!(await app.cameras.streamVisibleTo(identity, query.src))) throw new StreamUnknown()
    return query.src
  }
}
export default passthrough

function send(reply: FastifyReply, status: number, type: string, body: Buffer): FastifyReply {
  return reply.code(status).header('content-type', type).header('cache-control', 'no-store').send(body)
}
