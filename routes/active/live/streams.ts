import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'

const Streams = Type.Record(
  Type.String(),
  Type.Object({ producers: Type.Integer(), consumers: Type.Integer() }),
)

const streams: FastifyPluginAsyncTypebox = async app => {
  app.get(
    '/api/go2rtc/streams',
    { schema: { summary: "go2rtc's streams, without their sources", response: { 200: Streams } } },
    async request => {
      const visible: Record<string, { producers: number; consumers: number }> = {}
      for (const [name, info] of await app.go2rtc.streams())
        if (await app.cameras.streamVisibleTo(request.identity, name)) visible[name] = info
      return visible
    },
  )
}
export default streams
