import fp from 'fastify-plugin'
import { go2rtcSource } from '../src/go2rtc/live-source.ts'
import { LiveStreams } from '../src/live/live-streams.ts'

declare module 'fastify' {
  interface FastifyInstance {
    live: LiveStreams
  }
}

const RETRY_MS = 250

/** The hubs, with their hard byte limits. */
export default fp(
  async app => {
    const { limits, ...times } = app.config.live
    const live = new LiveStreams(
      go2rtcSource(app.go2rtc.pool),
      { ...times, limits, retryMs: RETRY_MS },
      app.log,
    )
    app.decorate('live', live)
    app.log.info(
      { limits, maxStreams: times.maxStreams, maxViewers: times.maxViewers },
      'live limits, in bytes',
    )
    app.addHook('preClose', async () => {
      live.close()
    })
  },
  { name: 'live', dependencies: ['go2rtc', 'viewers'] },
)
