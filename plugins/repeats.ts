import fp from 'fastify-plugin'
import { loadRepeat } from '../src/repeats/binding.ts'
import { Repeats } from '../src/repeats/repeats.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** Requests that repeat one that was judged a moment ago. */
    repeats: Repeats
  }
}

const LEASE_MS = 60_000
/** Whoever plays asks again within it. */
const PAUSE_MS = 12_000

/** Every request is logged at `debug` and `trace`, so there they all go the ordinary way. */
export default fp(
  async app => {
    const { logLevel } = app.config.server
    const { keepAliveTimeout } = app.server
    const binding = /^(debug|trace)$/.test(logLevel) ? undefined : loadRepeat()
    const repeats = new Repeats(app.viewers, {
      binding,
      // Node closes a connection on which it has itself seen no request for so long.
      leaseMs: Math.min(LEASE_MS, keepAliveTimeout - PAUSE_MS),
      stalledMs: app.config.live.stalledMs,
      keepAliveMs: keepAliveTimeout,
    })
    app.decorate('repeats', repeats)
    app.ledger.watch('connections that may repeat', () => repeats.size)
    app.addHook('preClose', async () => repeats.close())
  },
  { name: 'repeats', dependencies: ['settings', 'ledger', 'viewers'] },
)
