import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { errors } from '../schemas/errors.ts'
import { MaybeText, Timestamp } from '../schemas/users.ts'

const audit: FastifyPluginAsyncTypebox = async app => {
  app.get(
    '/api/admin/audit',
    {
      schema: {
        summary: 'What was done by whom, newest first',
        querystring: Type.Object({
          action: Type.Optional(Type.String({ examples: ['user.created'] })),
          actor: Type.Optional(Type.String({ description: 'A username' })),
          before: Type.Optional(Type.Integer({ description: '`next` of the page before' })),
          limit: Type.Integer({ minimum: 1, maximum: 500, default: 100 }),
        }),
        response: {
          200: Type.Object({
            entries: Type.Array(
              Type.Object({
                id: Type.Integer(),
                at: Timestamp,
                action: Type.String(),
                actor: Type.String(),
                target: MaybeText,
                ip_address: Type.String(),
                detail: MaybeText,
              }),
            ),
            next: Type.Union([Type.Integer(), Type.Null()]),
          }),
          ...errors(400),
        },
      },
    },
    async ({ db, query }) => {
      const entries = await app.audit.read(db, query)
      return { entries, next: entries.length === query.limit ? (entries.at(-1)?.id ?? null) : null }
    },
  )
}
export default audit
