import fp from 'fastify-plugin'
import { go2rtcSource } from '../../src/go2rtc/live-source.ts'
import { LiveStreams } from '../../src/live/admission/live-streams.ts'
import { countedSource } from '../../src/live/camera/counted-source.ts'
import { heapFilled } from '../../src/memory/heap.ts'

declare module 'fastify' {
  interface FastifyInstance {
    live: LiveStreams
  }
}

const RETRY_MS = 250

/** The hubs, with their hard byte limits. */
export default fp(
  async app => {
    const { limits, maxViewers, ...times } = app.config.live
    const live = new LiveStreams(
      countedSource(go2rtcSource(app.config.upstreams.go2rtc), app.ledger),
      {
        ...times,
        limits,
        retryMs: RETRY_MS,
        heapFilled,
        every: app.ledger.always,
      },
      app.log,
    )
    app.decorate('live', live)
    app.ledger.watch('live subscribers', () => live.viewers)
    app.ledger.watch('live bytes', () => live.budget.used)
    app.log.info({ limits, maxStreams: times.maxStreams, maxViewers }, 'live limits, in bytes')
    app.addHook('preClose', async () => {
      live.close()
    })
  },
  { name: 'live', dependencies: ['ledger', 'go2rtc', 'viewers'] },
)
