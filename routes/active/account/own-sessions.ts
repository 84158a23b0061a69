import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { errors } from '../../schemas/errors.ts'
import { ListedSession } from '../../schemas/sessions.ts'

const ownSessions: FastifyPluginAsyncTypebox = async app => {
  app.get(
    '/api/auth/sessions',
    {
      schema: {
        summary: 'One’s own sessions, newest first',
        response: { 200: Type.Object({ sessions: Type.Array(ListedSession) }) },
      },
    },
    async ({ db, session }) => {
      const sessions = await app.sessions.list(db, session.account.id)
      return { sessions: sessions.map(listed => ({ ...listed, current: listed.id === session.id })) }
    },
  )

  app.delete(
    '/api/auth/sessions/:id',
    {
      schema: {
        summary: 'End a session: one’s own, or as an administrator anybody’s',
        params: Type.Object({ id: Type.String() }),
        response: { 200: Type.Object({ ended: Type.Literal(true) }), ...errors(404) },
      },
    },
    async request => {
      await app.accounts.endSession(request.session, request.actor, request.params.id)
      return { ended: true as const }
    },
  )
}
export default ownSessions
