import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { errors } from '../schemas/errors.ts'

/** `null` in hours of a version that did not sample it. */
const Numbers = Type.Array(Type.Union([Type.Number(), Type.Null()]))

const history: FastifyPluginAsyncTypebox = async app => {
  app.get(
    '/api/debug/memory/history',
    {
      schema: {
        summary: 'How memory, viewers and the event loop went on, as columns or as CSV',
        querystring: Type.Object({
          range: Type.Enum([...app.history.ranges], { default: '1h' }),
          format: Type.Enum(['json', 'csv'], { default: 'json' }),
        }),
        response: {
          200: {
            content: {
              'application/json': {
                schema: Type.Object({
                  range: Type.String(),
                  interval_seconds: Type.Integer(),
                  time: Type.Array(Type.Integer(), { description: 'Seconds since the epoch' }),
                  series: Type.Record(
                    Type.String(),
                    Type.Object({ min: Numbers, mean: Numbers, max: Numbers }),
                  ),
                  marks: Type.Array(
                    Type.Object({
                      at: Type.Integer({ description: 'Milliseconds since the epoch' }),
                      what: Type.String(),
                    }),
                  ),
                }),
              },
              'text/csv': { schema: Type.String() },
            },
          },
          ...errors(400),
        },
      },
    },
    async ({ query: { range, format } }, reply) => {
      if (format === 'json') return app.history.columns(range)
      return reply
        .type('text/csv')
        .header('content-disposition', `attachment; filename="memory-${range}.csv"`)
        .send(app.history.csv(range))
    },
  )
}
export default history
