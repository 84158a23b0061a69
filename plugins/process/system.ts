import fp from 'fastify-plugin'
import { CodedError } from '../../src/errors.ts'
import { askGo2rtcVersion } from '../../src/system/go2rtc-version.ts'
import { Probe } from '../../src/system/probe.ts'
import { readState, type State } from '../../src/system/readiness.ts'
import { ownVersion } from '../../src/system/version.ts'

declare module 'fastify' {
  interface FastifyInstance {
    system: {
      readonly version: string
      readonly frigate: Probe | undefined
      readonly go2rtc: Probe
      /** Database, go2rtc and Frigate; each is asked at most every few seconds. */
      states(): Promise<{ database: State; go2rtc: State; frigate: State }>
    }
  }
}

/** What is said of this server and what it stands on. */
export default fp(
  async app => {
    const { database, frigate, go2rtc } = app
    const probes = {
      database: new Probe(() => database.askVersion()),
      go2rtc: new Probe(() => askGo2rtcVersion(go2rtc.pools.control)),
      frigate: frigate.client.present ? new Probe(() => frigate.askVersion()) : undefined,
    }
    // Not waited for: an upstream that does not answer would keep the server from starting.
    app.addHook('onListen', async () => {
      const { upstreams } = app.config
      const tell = (hint: string) => (error: unknown) => {
        if (error instanceof CodedError) app.complain(error, hint)
      }
      go2rtc.streams().catch(tell(`GO2RTC_HOST=${upstreams.go2rtc.origin}`))
      if (upstreams.frigate) frigate.askVersion().catch(tell(`FRIGATE_HOST=${upstreams.frigate.origin}`))
    })
    app.decorate('system', {
      version: ownVersion(),
      frigate: probes.frigate,
      go2rtc: probes.go2rtc,
      states: async () => {
        const { database, go2rtc, frigate } = probes
        const [first, second, third] = await Promise.all([
          readState(database),
          readState(go2rtc),
          readState(frigate),
        ])
        return { database: first, go2rtc: second, frigate: third }
      },
    })
  },
  { name: 'system', dependencies: ['settings', 'errors', 'database', 'frigate', 'go2rtc'] },
)
