import fp from 'fastify-plugin'
import { askGo2rtcVersion } from '../src/system/go2rtc-version.ts'
import { Probe } from '../src/system/probe.ts'
import { readState, type State } from '../src/system/readiness.ts'
import { ownVersion } from '../src/system/version.ts'

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
      go2rtc: new Probe(() => askGo2rtcVersion(go2rtc.pool)),
      frigate: frigate.client.present ? new Probe(() => frigate.askVersion()) : undefined,
    }
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
  { name: 'system', dependencies: ['database', 'frigate', 'go2rtc'] },
)
