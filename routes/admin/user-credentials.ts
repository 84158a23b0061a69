import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { ListedSession } from '../schemas/sessions.ts'
import { MaybeTimestamp, Timestamp, UserId } from '../schemas/users.ts'

/** What a user is logged in with; the calls that end one are those of the users themselves. */
const userCredentials: FastifyPluginAsyncTypebox = async app => {
  app.get(
    '/api/admin/users/:id/sessions',
    {
      schema: {
        summary: 'A user’s sessions, newest first',
        params: UserId,
        response: { 200: Type.Object({ sessions: Type.Array(ListedSession) }) },
      },
    },
    async ({ db, params, session }) => {
      const sessions = await app.sessions.list(db, params.id)
      return { sessions: sessions.map(listed => ({ ...listed, current: listed.id === session.id })) }
    },
  )

  app.get(
    '/api/admin/users/:id/player-tokens',
    {
      schema: {
        summary: 'A user’s player tokens, newest first',
        params: UserId,
        response: {
          200: Type.Object({
            player_tokens: Type.Array(
              Type.Object({
                id: Type.String(),
                name: Type.String(),
                cameras: Type.Array(Type.String()),
                created_at: Timestamp,
                last_used: MaybeTimestamp,
              }),
            ),
          }),
        },
      },
    },
    async ({ db, params }) => ({ player_tokens: await app.playerTokens.list(db, params.id) }),
  )
}
export default userCredentials
