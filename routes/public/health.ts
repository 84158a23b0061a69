import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'

const health: FastifyPluginAsyncTypebox = async app => {
  app.get(
    '/health',
    {
      config: { always: true },
      schema: {
        summary: 'Whether the server runs; asks neither database nor upstreams',
        response: { 200: Type.Object({ status: Type.Literal('healthy') }) },
      },
    },
    () => ({ status: 'healthy' as const }),
  )
}
export default health
