import fp from 'fastify-plugin'
import { Pool } from 'undici'
import { StreamList } from '../src/go2rtc/stream-list.ts'

declare module 'fastify' {
  interface FastifyInstance {
    go2rtc: { readonly origin: string; readonly pool: Pool; streams(): ReturnType<StreamList['get']> }
  }
}

/** Connections beside those of players that take a stream as go2rtc gives it: lists, frames, probes. */
const SPARE_CONNECTIONS = 16

/** One bounded pool for everything that is asked of go2rtc, but for the streams of the hubs (`src/go2rtc/connection.ts`). */
export default fp(
  async app => {
    const { origin } = app.config.upstreams.go2rtc
    const pool = new Pool(origin, {
      connections: app.config.live.maxStreams + SPARE_CONNECTIONS,
      pipelining: 1,
      connectTimeout: 5000,
      headersTimeout: 15000,
    })
    const list = new StreamList(pool)
    app.ledger.watch('requests to go2rtc', () => pool.stats.running)
    app.decorate('go2rtc', { origin, pool, streams: () => list.get() })
    app.addHook('onClose', async () => {
      await pool.destroy()
    })
  },
  { name: 'go2rtc', dependencies: ['settings', 'ledger'] },
)
