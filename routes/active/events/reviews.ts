import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { errors } from '../../schemas/errors.ts'
import { EventParams, Id, Query, TimeRange } from '../../schemas/event.ts'

const Names = Type.Optional(Type.String({ maxLength: 1000 }))
const Item = Type.Object({ id: Type.String(), camera: Type.String() }, { additionalProperties: true })

const reviews: FastifyPluginAsyncTypebox = async app => {
  app.get(
    '/api/review',
    {
      schema: {
        summary: 'Review items, newest first; by default of the last day',
        querystring: Query({
          cameras: Names,
          labels: Names,
          zones: Names,
          severity: Type.Optional(Type.Union([Type.Literal('alert'), Type.Literal('detection')])),
          reviewed: Type.Optional(Type.Union([Type.Literal(0), Type.Literal(1)])),
          limit: Type.Integer({ minimum: 1, maximum: 2000, default: 200 }),
          ...TimeRange,
        }),
        response: { 200: Type.Array(Item) },
      },
    },
    async (request, reply) => {
      const { reviews } = app.frigate
      return reply.sendJson(
        await reply.ask(signal => reviews.list(request.identity, request.query, signal), 'query'),
      )
    },
  )

  app.post(
    '/api/reviews/viewed',
    {
      schema: {
        summary: 'Marks review items as viewed, for everybody',
        body: Type.Object({ ids: Type.Array(Id, { minItems: 1, maxItems: 200 }) }),
        response: { 200: Type.Object({ viewed: Type.Integer() }), ...errors(404) },
      },
    },
    async (request, reply) => {
      const { reviews } = app.frigate
      await reply.ask(signal => reviews.markViewed(request.identity, request.body.ids, signal), 'query')
      return { viewed: request.body.ids.length }
    },
  )

  app.delete(
    '/api/review/:id/viewed',
    {
      schema: {
        summary: 'Marks a review item as not viewed, for everybody',
        params: EventParams,
        response: { 200: Type.Object({ viewed: Type.Literal(0) }) },
      },
    },
    async (request, reply) => {
      await reply.ask(() => app.frigate.reviews.markUnviewed(request.identity, request.params.id), 'query')
      return { viewed: 0 as const }
    },
  )

  app.get(
    '/api/exports',
    { schema: { summary: 'Exports, newest first', response: { 200: Type.Array(Item) } } },
    async (request, reply) => {
      const { reviews } = app.frigate
      return reply.sendJson(await reply.ask(signal => reviews.exports(request.identity, signal), 'query'))
    },
  )
}
export default reviews
