import fp from 'fastify-plugin'
import { askGo2rtcVersion } from '../src/system/go2rtc-version.ts'
import { Probe } from '../src/system/probe.ts'
import { ownVersion } from '../src/system/version.ts'

declare module 'fastify' {
  interface FastifyInstance {
    system: { readonly version: string; readonly frigate: Probe | undefined; readonly go2rtc: Probe }
  }
}

/** What is said of this server and its upstreams. */
export default fp(
  async app => {
    const { frigate, go2rtc } = app
    app.decorate('system', {
      version: ownVersion(),
      frigate: frigate.client.present ? new Probe(() => frigate.askVersion()) : undefined,
      go2rtc: new Probe(() => askGo2rtcVersion(go2rtc.pool)),
    })
  },
  { name: 'system', dependencies: ['frigate', 'go2rtc'] },
)
