import type { FastifyInstance } from 'fastify'

/** The old backend once had cameras without login; clients still ask, and are told to log in. */
export default async function publicCameras(app: FastifyInstance) {
  for (const path of ['/api/public/cameras', '/api/public/camera/:id/snapshot']) {
    app.get(path, (request, reply) => {
      reply.code(401)
      return {
        error: 'Authentication required',
        message: 'Log in to see cameras',
        code: 'LOGIN_REQUIRED',
        requestId: request.id,
      }
    })
  }
}
