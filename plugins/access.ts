import type { FastifyRequest, onRequestHookHandler } from 'fastify'
import fp from 'fastify-plugin'
import type { Identity } from '../src/access/identity.ts'
import type { Actor } from '../src/audit/audit.ts'
import { PLAYER_TOKEN_PREFIX } from '../src/player-tokens/player-tokens.ts'
import { AccountDisabled, AdminRequired, LoginRequired, SessionEnded } from '../src/sessions/errors.ts'
import type { Session } from '../src/sessions/session.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** The live session of the token that a request carries, if it carries one. */
    sessionOf(request: FastifyRequest): Session | undefined | Promise<Session | undefined>
    /** `onRequest` guards of the private scopes; each stands on the one before. */
    requireSession: onRequestHookHandler
    requireActive: onRequestHookHandler
    requireAdmin: onRequestHookHandler
  }
  interface FastifyRequest {
    /** Who asks; set in the private scopes, before anything else there runs. */
    identity: Identity
    session: Session
    /** The same person, as the audit log names them. */
    readonly actor: Actor
  }
  interface FastifyContextConfig {
    /** Players load this route by URL: here, and nowhere else, `?token=` counts. */
    media?: boolean
  }
}

export default fp(
  async app => {
    app.decorateRequest('identity')
    app.decorateRequest('session')
    app.decorateRequest('actor', {
      getter(this: FastifyRequest) {
        const { userId, username } = this.identity
        return { id: userId, name: username, address: this.client.address }
      },
    })

    app.decorate('sessionOf', request => {
      const token = tokenOf(request)
      if (token === undefined) return undefined
      const media = request.routeOptions.config.media === true
      return media && token.startsWith(PLAYER_TOKEN_PREFIX)
        ? app.playerTokens.find(token)
        : app.sessions.find(token, media)
    })
    app.decorate('requireSession', function requireSession(request, _reply, done) {
      if (tokenOf(request) === undefined) return done(new LoginRequired())
      const admit = (session: Session | undefined) => {
        if (!session) return done(new SessionEnded())
        request.session = session
        request.identity = session.identity
        done()
      }
      const found = app.sessionOf(request)
      if (found instanceof Promise) found.then(admit).catch(done)
      else admit(found)
    })
    app.decorate('requireActive', function requireActive(request, _reply, done) {
      done(request.identity.isActive ? undefined : new AccountDisabled())
    })
    app.decorate('requireAdmin', function requireAdmin(request, _reply, done) {
      done(request.identity.isAdmin ? undefined : new AdminRequired())
    })
  },
  { name: 'access', dependencies: ['sessions', 'client'] },
)

const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD'])
const BEARER = /^Bearer +([\w.~+/=-]+) *$/i

function tokenOf(request: FastifyRequest): string | undefined {
  const { authorization } = request.headers
  if (authorization !== undefined) return BEARER.exec(authorization)?.[1]
  if (!request.routeOptions.config.media || !SAFE_METHODS.has(request.method)) return undefined
  const { token } = request.query as { token?: unknown }
  return typeof token === 'string' && token !== '' ? token : undefined
}
