import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'

const me: FastifyPluginAsyncTypebox = async app => {
  app.get(
    '/api/auth/me',
    {
      schema: {
        summary: 'Who is logged in',
        response: {
          200: Type.Object({
            user: Type.Object({
              id: Type.Integer(),
              username: Type.String(),
              email: Type.Union([Type.String(), Type.Null()]),
              full_name: Type.Union([Type.String(), Type.Null()]),
              is_admin: Type.Boolean(),
              is_active: Type.Boolean(),
              created_at: Type.String(),
              last_login: Type.Union([Type.String(), Type.Null()]),
            }),
          }),
        },
      },
    },
    request => ({ user: request.session.account }),
  )
}
export default me
