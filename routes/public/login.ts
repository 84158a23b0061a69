import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'

const login: FastifyPluginAsyncTypebox = async app => {
  app.post(
    '/api/auth/login',
    {
      schema: {
        summary: 'Log in',
        body: Type.Object({
          username: Type.Optional(Type.String()),
          password: Type.Optional(Type.String()),
        }),
        response: {
          200: Type.Object({
            token: Type.String(),
            user: Type.Object({
              id: Type.Integer(),
              username: Type.String(),
              is_admin: Type.Boolean(),
              is_active: Type.Boolean(),
            }),
          }),
        },
      },
    },
    async request => {
      const { token, account } = await app.accounts.login(request.body, {
        address: request.ip,
        userAgent: request.headers['user-agent'] ?? '',
      })
      return { token, user: account }
    },
  )
}
export default login
