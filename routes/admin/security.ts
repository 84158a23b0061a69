import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { errors } from '../schemas/errors.ts'
import { MaybeText, Timestamp } from '../schemas/users.ts'

const security: FastifyPluginAsyncTypebox = async app => {
  app.get(
    '/api/admin/security/blocked-ips',
    {
      schema: {
        summary: 'Who is blocked from logging in',
        response: {
          200: Type.Object({
            blocked_ips: Type.Array(
              Type.Object({
                ip_address: Type.String({
                  description: 'An address, an IPv6 /64, or `address (name)` behind an unlisted proxy',
                }),
                blocked_at: Timestamp,
                blocked_until: Timestamp,
                failed_attempts: Type.Integer(),
                reason: MaybeText,
              }),
            ),
          }),
        },
      },
    },
    async ({ db }) => ({ blocked_ips: await app.loginProtection.listBlocked(db) }),
  )

  app.post(
    '/api/admin/security/unblock-ip',
    {
      schema: {
        summary: 'Lift a block and forget its failures',
        body: Type.Object(
          { ip_address: Type.Optional(Type.String({ maxLength: 256 })) },
          { examples: [{ ip_address: '203.0.113.7' }] },
        ),
        response: { 200: Type.Object({ message: Type.String() }), ...errors(400, 404) },
      },
    },
    async ({ actor, body }) => {
      await app.loginProtection.unblock(actor, body.ip_address)
      return { message: `${body.ip_address} is no longer blocked` }
    },
  )

  app.get(
    '/api/admin/security/login-attempts',
    {
      schema: {
        summary: 'Login attempts of the last 24 h, newest first, at most 100',
        response: {
          200: Type.Object({
            login_attempts: Type.Array(
              Type.Object({
                ip_address: Type.String(),
                username: MaybeText,
                success: Type.Boolean(),
                attempt_time: Timestamp,
                user_agent: MaybeText,
                blocked: Type.Boolean(),
                location: Type.String({ description: '`Private Network`, a place, or `Unknown`' }),
              }),
            ),
          }),
        },
      },
    },
    async ({ db }) => ({ login_attempts: await app.loginAttempts(db) }),
  )
}
export default security
