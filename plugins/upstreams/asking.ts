import fp from 'fastify-plugin'
import { PICTURE_CONNECTIONS, QUERY_CONNECTIONS } from '../../src/frigate/connection/pools.ts'
import { Semaphore } from '../../src/shares/semaphore.ts'
import { abortable } from '../../src/upstream/abortable.ts'
import { ClientGone, UpstreamsBusy } from '../../src/upstream/errors.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** The connections to Frigate that users share: who has most waits for those who have less. */
    frigateConnections: Readonly<Record<'query' | 'picture', Semaphore>>
  }
  interface FastifyReply {
    /**
     * Asks an upstream for this request. It holds a place of its user's until `ask` is done, and throws UPSTREAMS_BUSY if
     * there is none. The signal is aborted the moment the client is gone; nobody waits for the answer then. What
     * takes a connection to Frigate waits for one, which users share.
     */
    ask<T>(ask: (signal: AbortSignal) => Promise<T>, connection?: 'query' | 'picture'): Promise<T>
  }
}

/** Requests that wait for an upstream at once. */
const MOST_WAITING = 128

export default fp(
  async app => {
    const waiting = app.shares.define('waiting requests', {
      total: MOST_WAITING,
      refusal: () => new UpstreamsBusy(),
    })
    const connections = {
      query: new Semaphore({ places: QUERY_CONNECTIONS, kept: 1 }),
      picture: new Semaphore({ places: PICTURE_CONNECTIONS, kept: 1 }),
    }
    app.decorate('frigateConnections', connections)

    app.decorateReply('ask', async function askUpstream(ask, connection) {
      const { raw, request } = this
      const leave = waiting.take(request.owner)
      const gone = new AbortController()
      const onClose = () => gone.abort(new ClientGone())
      if (raw.destroyed) onClose()
      else raw.once('close', onClose)
      let exit: (() => void) | undefined
      try {
        exit = connection && (await connections[connection].enter(request.owner.user, gone.signal))
        return await abortable(ask(gone.signal), gone.signal)
      } finally {
        raw.off('close', onClose)
        exit?.()
        leave()
      }
    })
  },
  { name: 'asking', dependencies: ['shares'] },
)
