import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'

const Reachability = Type.Object({
  reachable: Type.Boolean(),
  version: Type.Union([Type.String(), Type.Null()]),
})

const systemStatus: FastifyPluginAsyncTypebox = async app => {
  app.get(
    '/api/system/status',
    {
      schema: {
        summary: 'Versions, uptime, and whether Frigate and go2rtc answer',
        response: {
          200: Type.Object({
            version: Type.String(),
            node: Type.String(),
            uptime_seconds: Type.Integer(),
            frigate: Type.Union([Reachability, Type.Null()], { description: '`null`: there is no Frigate' }),
            go2rtc: Reachability,
          }),
        },
      },
    },
    async () => {
      const { version, frigate, go2rtc } = app.system
      const [frigateNow, go2rtcNow] = await Promise.all([frigate?.get() ?? null, go2rtc.get()])
      return {
        version,
        node: process.version,
        uptime_seconds: Math.floor(process.uptime()),
        frigate: frigateNow,
        go2rtc: go2rtcNow,
      }
    },
  )
}
export default systemStatus
