import fp from 'fastify-plugin'
import { GeoIp } from '../../src/geoip/geoip.ts'
import { ipapi } from '../../src/geoip/ipapi.ts'

declare module 'fastify' {
  interface FastifyInstance {
    geoip: GeoIp
  }
}

export default fp(
  async app => {
    const lookup = app.config.accounts.geoipProvider === 'ipapi' ? ipapi() : undefined
    const geoip = new GeoIp(app.database, lookup)
    app.decorate('geoip', geoip)
    app.addHook('onClose', async () => {
      await geoip.close()
    })
  },
  { name: 'geoip', dependencies: ['settings', 'database'] },
)
