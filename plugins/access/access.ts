import type { FastifyError, FastifyRequest, onRequestHookHandler } from 'fastify'
import fp from 'fastify-plugin'
import type { Identity } from '../../src/access/identity.ts'
import type { Actor } from '../../src/audit/audit.ts'
import { PLAYER_TOKEN_PREFIX } from '../../src/player-tokens/player-tokens.ts'
import { AccountDisabled, AdminRequired, LoginRequired, SessionEnded } from '../../src/sessions/errors.ts'
import type { Session } from '../../src/sessions/session.ts'

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
      return token === undefined ? undefined : sessionOfToken(token, request)
    })
    app.decorate('requireSession', function requireSession(request, _reply, done) {
      const token = tokenOf(request)
      if (token === undefined) return done(new LoginRequired())
      const found = sessionOfToken(token, request)
      if (found instanceof Promise) found.then(session => admit(request, session, done)).catch(done)
      else admit(request, found, done)
    })
    app.decorate('requireActive', function requireActive(request, _reply, done) {
      done(request.identity.isActive ? undefined : new AccountDisabled())
    })
    app.decorate('requireAdmin', function requireAdmin(request, _reply, done) {
      done(request.identity.isAdmin ? undefined : new AdminRequired())
    })

    function sessionOfToken(token: string, request: FastifyRequest) {
      if (token.startsWith(PLAYER_TOKEN_PREFIX))
        return isMedia(request) ? app.playerTokens.find(token) : undefined
      const found = app.sessions.find(token)
      return found instanceof Promise
        ? found.then(session => atItsPlace(session, request))
        : atItsPlace(found, request)
    }
  },
  { name: 'access', dependencies: ['sessions', 'client'] },
)

/** A media token's session counts where media is asked for. */
function atItsPlace(session: Session | undefined, request: FastifyRequest): Session | undefined {
  return session?.identity.onlyCamera === undefined || isMedia(request) ? session : undefined
}

function admit(
  request: FastifyRequest,
  session: Session | undefined,
  done: (error?: FastifyError) => void,
): void {
  if (session) {
    request.session = session
    request.identity = session.identity
    done()
  } else done(new SessionEnded())
}

const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD'])
const SCHEME = 'bearer '

function tokenOf(request: FastifyRequest): string | undefined {
  const { authorization } = request.headers
  if (authorization !== undefined) return bearerOf(authorization)
  if (!isMedia(request) || !SAFE_METHODS.has(request.method)) return undefined
  const { token } = request.query as { token?: unknown }
  return typeof token === 'string' && token !== '' ? token : undefined
}

/** The token of an `Authorization` header (RFC 6750, section 2.1). */
function bearerOf(authorization: string): string | undefined {
  if (authorization.slice(0, SCHEME.length).toLowerCase() !== SCHEME) return undefined
  return authorization.slice(SCHEME.length).trim() || undefined
}

/** Asked only where it matters: Fastify makes `routeOptions` anew each time. */
function isMedia(request: FastifyRequest): boolean {
  return request.routeOptions.config.media === true
}
