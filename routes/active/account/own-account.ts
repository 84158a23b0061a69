import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { errors } from '../../schemas/errors.ts'

const Text = Type.Optional(Type.String({ maxLength: 1024 }))

const ownAccount: FastifyPluginAsyncTypebox = async app => {
  app.post(
    '/api/auth/change-username',
    {
      config: { rateLimit: { max: 10, timeWindow: '5 minutes' } },
      schema: {
        summary: 'Change one’s own username',
        body: Type.Object(
          { current_username: Text, new_username: Text, confirm_username: Text },
          { examples: [{ current_username: 'admin', new_username: 'owner', confirm_username: 'owner' }] },
        ),
        response: {
          200: Type.Object({ changed: Type.Literal(true), username: Type.String() }),
          ...errors(400, 409),
        },
      },
    },
    async request => {
      const { session, actor, body } = request
      const username = await app.accounts.changeUsername(session.account, actor, body)
      return { changed: true as const, username }
    },
  )

  app.post(
    '/api/auth/change-password',
    {
      config: { rateLimit: { max: 10, timeWindow: '5 minutes' } },
      schema: {
        summary: 'Change one’s own password; one’s other sessions end, and player tokens if asked for',
        body: Type.Object(
          {
            current_password: Text,
            new_password: Text,
            confirm_password: Text,
            end_player_tokens: Type.Optional(
              Type.Boolean({
                default: false,
                description: 'End one’s own player tokens too, and what plays with them',
              }),
            ),
          },
          {
            examples: [
              {
                current_password: 'Correct-Horse-7',
                new_password: 'Battery-Staple-8',
                confirm_password: 'Battery-Staple-8',
              },
            ],
          },
        ),
        response: { 200: Type.Object({ changed: Type.Literal(true) }), ...errors(400, 503) },
      },
    },
    async request => {
      await app.accounts.changePassword(request.session, request.actor, request.body)
      return { changed: true as const }
    },
  )
}
export default ownAccount
