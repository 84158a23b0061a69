import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { errors } from '../schemas/errors.ts'

const login: FastifyPluginAsyncTypebox = async app => {
  app.post(
    '/api/auth/login',
    {
      schema: {
        summary: 'Log in',
        body: Type.Object(
          {
            username: Type.Optional(Type.String({ maxLength: 256 })),
            password: Type.Optional(Type.String({ maxLength: 1024 })),
          },
          { examples: [{ username: 'admin', password: 'Correct-Horse-7' }] },
        ),
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
          ...errors(400, 401, 429, 503),
        },
      },
    },
    async request => {
      const { token, account } = await app.accounts.login(
        request.body,
        request.client,
        await app.sessionOf(request),
      )
      return { token, user: account }
    },
  )
}
export default login
