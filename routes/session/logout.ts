import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'

const logout: FastifyPluginAsyncTypebox = async app => {
  app.post(
    '/api/auth/logout',
    {
      schema: {
        summary: 'End this session',
        response: { 200: Type.Object({ message: Type.String() }, { examples: [{ message: 'Logged out' }] }) },
      },
    },
    async request => {
      await app.accounts.logout(request.session, request.actor)
      return { message: 'Logged out' }
    },
  )
}
export default logout
