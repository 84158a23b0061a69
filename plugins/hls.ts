import fp from 'fastify-plugin'
import { HlsStreams } from '../src/hls/hls-streams.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** The HLS windows of the streams that somebody watches so. */
    hls: HlsStreams
  }
}

export default fp(
  async app => {
    const hls = new HlsStreams(app.live, app.config.hls, app.log)
    app.decorate('hls', hls)
    app.ledger.watch('HLS windows', () => hls.size)
    app.addHook('preClose', async () => {
      hls.close()
    })
  },
  { name: 'hls', dependencies: ['ledger', 'live'] },
)
