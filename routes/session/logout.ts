import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'

const logout: FastifyPluginAsyncTypebox = async app => {
  app.post(
    '/api/auth/logout',
    {
      schema: {
        summary: 'End this session',
        response: { 200: Type.Object({ message: Type.String() }) },
      },
    },
    async request => {
      await app.sessions.end(request.session.id)
      return { message: 'Logged out' }
    },
  )
}
export default logout
