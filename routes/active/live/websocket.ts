import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { errors } from '../../schemas/errors.ts'
import { StreamUnknown } from './errors.ts'
import { OriginCheck } from './origin.ts'

/** Frigate's players use the second path. */
const PATHS = ['/api/ws', '/live/mse/api/ws']

const schema = {
  summary: "Live video over go2rtc's WebSocket protocol for MSE",
  querystring: Type.Object({ src: Type.String({ minLength: 1, maxLength: 256 }) }),
  response: errors(404),
}

const originSchema = {
  summary:
    'Whether a page of an origin may open a WebSocket here: browsers do not tell a page why one was refused',
  querystring: Type.Object({ origin: Type.String({ minLength: 1, maxLength: 256 }) }),
  response: { 200: Type.Object({ accepted: Type.Literal(true) }), ...errors(403) },
}

/** All that can be refused is refused before the upgrade. */
const websocket: FastifyPluginAsyncTypebox = async app => {
  const { corsOrigins, publicOrigins } = app.config.server
  const origins = new OriginCheck({ allowed: corsOrigins, own: publicOrigins }, app.log)
  app.get('/api/ws/origin', { schema: originSchema }, async request => {
    origins.need(request, request.query.origin)
    return { accepted: true as const }
  })
  for (const path of PATHS)
    app.get(
      path,
      {
        schema,
        config: { media: true, websocket: true },
        preHandler: async request => {
          origins.need(request)
          if (!(await app.cameras.streamVisibleTo(request.identity, request.query.src)))
            throw new StreamUnknown()
          app.live.admit()
          app.viewers.admit(request.identity, 'websocket')
        },
      },
      (request, reply) => {
        const { identity, query } = request
        app.upgrade(request, reply, (ws, socket) => app.servePlayer(ws, socket, identity, query.src))
      },
    )
}
export default websocket
