import type { FastifyRequest, onRequestAsyncHookHandler } from 'fastify'
import fp from 'fastify-plugin'
import { HandleOfAnother, HandleUnknown } from '../../src/handles/errors.ts'
import { HandleNames } from '../../src/handles/handle-names.ts'
import { HandleStore } from '../../src/handles/handle-store.ts'
import { Handles } from '../../src/handles/handles.ts'
import type { Subject } from '../../src/handles/subject.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** Path handles: what authorises the addresses that a playlist names. */
    handles: Handles
    /** `onRequest` guard of the handle scope. */
    requireHandle: onRequestAsyncHookHandler
  }
  interface FastifyRequest {
    /** What the path handle of this request opens; set in the handle scope. */
    subject: Subject
  }
  interface FastifyContextConfig {
    /** The kind of subject that a route of the handle scope serves; its path holds the handle as `:handle`. */
    handle?: Subject['kind']
  }
}

export default fp(
  async app => {
    const { sessions, playerTokens, database } = app
    const handles = new Handles({
      names: new HandleNames(app.keysFor('camgate path handles')),
      kept: new HandleStore(database),
      current: async id => (await playerTokens.current(id)) ?? (await sessions.current(id)),
      onUnkept: error => app.log.warn({ err: error }, 'a path handle will not outlive a restart'),
    })
    app.decorate('handles', handles)
    app.decorateRequest('subject')
    app.decorate('requireHandle', async function requireHandle(request) {
      const { handle: kind } = request.routeOptions.config
      if (!kind) throw new HandleUnknown()
      const { subject, identity } = await handles.open((request.params as { handle: string }).handle, kind)
      await refuseOthers(request, identity.userId)
      request.subject = subject
      request.identity = identity
    })

    /** A handle needs no token; one that comes along must be its owner's. */
    async function refuseOthers(request: FastifyRequest, userId: number): Promise<void> {
      const sent = await app.sessionOf(request)
      if (sent && sent.identity.userId !== userId) throw new HandleOfAnother()
    }
  },
  { name: 'handles', dependencies: ['sessions', 'access', 'database', 'tokens'] },
)
