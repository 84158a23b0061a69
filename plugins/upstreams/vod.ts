import fp from 'fastify-plugin'
import { FrigateVod } from '../../src/frigate/media/vod-upstream.ts'
import { Vod } from '../../src/vod/vod.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** Clips and recordings as HLS. */
    vod: Vod
  }
}

export default fp(
  async app => {
    app.decorate('vod', new Vod(new FrigateVod(app.frigate.client)))
  },
  { name: 'vod', dependencies: ['frigate'] },
)
