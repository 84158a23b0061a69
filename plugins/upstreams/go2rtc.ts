import fp from 'fastify-plugin'
import { Passthrough } from '../../src/go2rtc/passthrough.ts'
import { Go2rtcPools } from '../../src/go2rtc/pools.ts'
import { StreamList } from '../../src/go2rtc/stream-list.ts'
import type { Share } from '../../src/shares/share.ts'
import { PassthroughBusy } from '../../src/upstream/errors.ts'

declare module 'fastify' {
  interface FastifyInstance {
    go2rtc: {
      readonly origin: string
      readonly pools: Go2rtcPools
      streams(): ReturnType<StreamList['get']>
      /** Consumers that go2rtc has for one client alone, as users share them. */
      readonly consumers: Share
    }
    /** What go2rtc makes for one client alone. */
    passthrough: Passthrough
  }
}

/** What is asked of go2rtc, but for the streams of the hubs (`src/go2rtc/connection.ts`) and tunnels (`src/player/tunnel.ts`). */
export default fp(
  async app => {
    const { origin } = app.config.upstreams.go2rtc
    const pools = new Go2rtcPools(origin, app.config.live.maxPassthrough)
    const list = new StreamList(pools.control, app.complain)
    const consumers = app.shares.define('passthrough', {
      total: app.config.live.maxPassthrough,
      refusal: () => new PassthroughBusy(),
    })
    app.ledger.watch('requests to go2rtc', () => pools.running)
    app.decorate('go2rtc', { origin, pools, consumers, streams: () => list.get() })
    app.decorate('passthrough', new Passthrough(pools.endless))
    app.addHook('onClose', async () => {
      await pools.close()
    })
  },
  { name: 'go2rtc', dependencies: ['settings', 'errors', 'ledger', 'shares'] },
)
