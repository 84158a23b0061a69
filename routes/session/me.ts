import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { Profile } from '../schemas/users.ts'

const me: FastifyPluginAsyncTypebox = async app => {
  app.get(
    '/api/auth/me',
    {
      schema: {
        summary: 'Who is logged in',
        response: { 200: Type.Object({ user: Profile }) },
      },
    },
    request => ({ user: request.session.account }),
  )
}
export default me
