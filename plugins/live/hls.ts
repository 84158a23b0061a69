import fp from 'fastify-plugin'
import { HlsStreams } from '../../src/hls/hls-streams.ts'
import { PositionStore } from '../../src/hls/window/position-store.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** The HLS windows of the streams that somebody watches so. */
    hls: HlsStreams
  }
}

export default fp(
  async app => {
    const positions = new PositionStore(app.database, error =>
      app.log.warn({ err: error }, 'where HLS has got to is not written down'),
    )
    const hls = new HlsStreams(app.live, app.config.hls, positions, app.log, app.ledger.always)
    app.decorate('hls', hls)
    app.ledger.watch('HLS windows', () => hls.size)
    app.addHook('preClose', () => hls.close())
  },
  { name: 'hls', dependencies: ['ledger', 'live', 'database'] },
)
