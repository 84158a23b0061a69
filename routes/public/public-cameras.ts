import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'

/** The old backend once had cameras without login; clients still ask, and are told to log in. */
const publicCameras: FastifyPluginAsyncTypebox = async app => {
  for (const path of ['/api/public/cameras', '/api/public/camera/:id/snapshot']) {
    app.get(
      path,
      {
        schema: {
          summary: 'Asks for a login: there are no cameras without one',
          response: {
            401: Type.Object({
              error: Type.String(),
              message: Type.String(),
              code: Type.String(),
              requestId: Type.String(),
            }),
          },
        },
      },
      (request, reply) => {
        reply.code(401)
        return {
          error: 'Authentication required',
          message: 'Log in to see cameras',
          code: 'LOGIN_REQUIRED',
          requestId: request.id,
        }
      },
    )
  }
}
export default publicCameras
