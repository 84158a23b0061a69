import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { ErrorReply } from '../schemas/errors.ts'

const State = Type.Enum(['up', 'down', 'absent'])

const ready: FastifyPluginAsyncTypebox = async app => {
  const Readiness = Type.Object({
    status: Type.Enum(['ready', 'degraded', 'not ready']),
    database: State,
    go2rtc: State,
    frigate: State,
  })
  app.get(
    '/ready',
    {
      schema: {
        summary: 'Whether requests can be served, and what is missing; 503 only where nothing can',
        response: { 200: Readiness, 503: Type.Union([Readiness, ErrorReply]) },
      },
    },
    async (_request, reply) => {
      const { database, go2rtc, frigate } = await app.system.states()
      const status =
        database === 'down'
          ? ('not ready' as const)
          : go2rtc === 'down' || frigate === 'down'
            ? ('degraded' as const)
            : ('ready' as const)
      return reply
        .code(status === 'not ready' ? 503 : 200)
        .header('cache-control', 'no-store')
        .send({ status, database, go2rtc, frigate })
    },
  )
}
export default ready
