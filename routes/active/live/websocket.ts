import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { errors } from '../../schemas/errors.ts'
import { OriginForbidden, StreamUnknown } from './errors.ts'
import { isOwnOrigin } from './origin.ts'

/** Frigate's players use the second path. */
const PATHS = ['/api/ws', '/live/mse/api/ws']

const schema = {
  summary: "Live video over go2rtc's WebSocket protocol for MSE",
  querystring: Type.Object({ src: Type.String({ minLength: 1, maxLength: 256 }) }),
  response: errors(404),
}

/** All that can be refused is refused before the upgrade. */
const websocket: FastifyPluginAsyncTypebox = async app => {
  for (const path of PATHS)
    app.get(
      path,
      {
        schema,
        config: { media: true, websocket: true },
        preHandler: async request => {
          if (!isOwnOrigin(request, app.config.server.corsOrigins)) throw new OriginForbidden()
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
