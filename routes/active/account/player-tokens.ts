import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { errors } from '../../schemas/errors.ts'
import { MaybeTimestamp, Timestamp } from '../../schemas/users.ts'

const PlayerToken = Type.Object({
  id: Type.String(),
  name: Type.String(),
  cameras: Type.Array(Type.String()),
  created_at: Timestamp,
  last_used: MaybeTimestamp,
})

const playerTokens: FastifyPluginAsyncTypebox = async app => {
  app.get(
    '/api/auth/player-tokens',
    {
      schema: {
        summary: 'One’s own player tokens, newest first',
        response: { 200: Type.Object({ player_tokens: Type.Array(PlayerToken) }) },
      },
    },
    async ({ db, identity }) => ({ player_tokens: await app.playerTokens.list(db, identity.userId) }),
  )

  app.post(
    '/api/auth/player-tokens',
    {
      schema: {
        summary: 'Make a long-lived token for a wall tablet; it is shown this once',
        body: Type.Object(
          {
            name: Type.Optional(Type.String({ maxLength: 100 })),
            cameras: Type.Optional(
              Type.Array(Type.String({ minLength: 1, maxLength: 128 }), { maxItems: 500 }),
            ),
          },
          { examples: [{ name: 'Kitchen tablet', cameras: ['Front_Door'] }] },
        ),
        response: {
          201: Type.Object({ token: Type.String(), player_token: PlayerToken }),
          ...errors(400, 404, 409),
        },
      },
    },
    async (request, reply) => {
      const { identity, actor, body } = request
      reply.code(201)
      return app.playerTokens.create(identity, actor, body)
    },
  )

  app.delete(
    '/api/auth/player-tokens/:id',
    {
      schema: {
        summary: 'End a player token: one’s own, or as an administrator anybody’s',
        params: Type.Object({ id: Type.String() }),
        response: { 200: Type.Object({ ended: Type.Literal(true) }), ...errors(404) },
      },
    },
    async ({ identity, actor, params }) => {
      app.revocation.ended([await app.playerTokens.end(identity, actor, params.id)])
      return { ended: true as const }
    },
  )
}
export default playerTokens
