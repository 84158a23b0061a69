import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { errors } from '../schemas/errors.ts'
import { ListedUser, MaybeText, Profile, UserId } from '../schemas/users.ts'

const users: FastifyPluginAsyncTypebox = async app => {
  app.get(
    '/api/admin/users',
    {
      schema: {
        summary: 'All users, by name',
        response: { 200: Type.Object({ users: Type.Array(ListedUser) }) },
      },
    },
    async ({ db }) => ({ users: await app.users.list(db) }),
  )

  app.post(
    '/api/admin/users',
    {
      schema: {
        summary: 'Create a user',
        body: Type.Object(
          {
            username: Type.Optional(Type.String({ maxLength: 256 })),
            password: Type.Optional(Type.String({ maxLength: 1024 })),
            is_admin: Type.Optional(Type.Boolean()),
          },
          { examples: [{ username: 'kim', password: 'Correct-Horse-7', is_admin: false }] },
        ),
        response: {
          201: Type.Object({
            created: Type.Literal(true),
            user: Type.Object({ id: Type.Integer(), username: Type.String(), is_admin: Type.Boolean() }),
          }),
          ...errors(400, 409, 503),
        },
      },
    },
    async (request, reply) => {
      const user = await app.users.create(request.actor, request.body)
      reply.code(201)
      return { created: true as const, user }
    },
  )

  app.patch(
    '/api/admin/users/:id',
    {
      schema: {
        summary: 'Change role, email or full name',
        params: UserId,
        body: Type.Object(
          {
            is_admin: Type.Optional(Type.Boolean()),
            email: Type.Optional(MaybeText),
            full_name: Type.Optional(MaybeText),
          },
          { examples: [{ is_admin: true, full_name: 'Kim Doe' }] },
        ),
        response: { 200: Type.Object({ user: Profile }), ...errors(400, 404, 409) },
      },
    },
    async ({ actor, params, body }) => ({ user: await app.users.update(actor, params.id, body) }),
  )

  app.post(
    '/api/admin/users/:id/active',
    {
      schema: {
        summary: 'Disable or enable a user',
        params: UserId,
        body: Type.Object({ is_active: Type.Optional(Type.Boolean()) }, { examples: [{ is_active: false }] }),
        response: {
          200: Type.Object({ updated: Type.Literal(true), is_active: Type.Boolean() }),
          ...errors(400, 404),
        },
      },
    },
    async ({ identity, actor, params, body }) => {
      const is_active = await app.users.setActive(identity, actor, params.id, body.is_active)
      return { updated: true as const, is_active }
    },
  )

  app.post(
    '/api/admin/users/:id/password',
    {
      schema: {
        summary: 'Reset a user’s password; that user’s sessions end, and player tokens unless told otherwise',
        params: UserId,
        body: Type.Object(
          {
            new_password: Type.Optional(Type.String({ maxLength: 1024 })),
            end_player_tokens: Type.Optional(
              Type.Boolean({
                default: true,
                description: 'End the user’s player tokens too, and what plays with them',
              }),
            ),
          },
          { examples: [{ new_password: 'Battery-Staple-8' }] },
        ),
        response: { 200: Type.Object({ changed: Type.Literal(true) }), ...errors(400, 404, 503) },
      },
    },
    async ({ actor, params, body }) => {
      await app.users.resetPassword(actor, params.id, body)
      return { changed: true as const }
    },
  )

  app.delete(
    '/api/admin/users/:id',
    {
      schema: {
        summary: 'Delete a user',
        params: UserId,
        response: { 200: Type.Object({ deleted: Type.Literal(true) }), ...errors(400, 404, 409) },
      },
    },
    async ({ identity, actor, params }) => {
      await app.users.remove(identity, actor, params.id)
      return { deleted: true as const }
    },
  )
}
export default users
