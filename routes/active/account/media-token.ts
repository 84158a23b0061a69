import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { errors } from '../../schemas/errors.ts'

const mediaToken: FastifyPluginAsyncTypebox = async app => {
  app.post(
    '/api/auth/media-token',
    {
      schema: {
        summary: 'A token that opens one camera’s media, and dies with this session',
        description:
          'For `?token=` in addresses that leave this client. Players reconnect with the same address for ever: choose `ttl` for how long they shall.',
        body: Type.Object(
          {
            camera: Type.String({ minLength: 1, maxLength: 128 }),
            ttl: Type.Integer({
              minimum: 1,
              default: 60,
              description: 'Seconds, at most what the session has left',
            }),
          },
          { examples: [{ camera: 'Front_Door', ttl: 3600 }] },
        ),
        response: {
          200: Type.Object({ token: Type.String(), camera: Type.String(), expires_in: Type.Integer() }),
          ...errors(400, 404),
        },
      },
    },
    async ({ session, body }) => {
      const { camera, ttl } = body
      const { token, expiresIn } = app.sessions.issueMediaToken(session, camera, ttl)
      return { token, camera, expires_in: expiresIn }
    },
  )
}
export default mediaToken
