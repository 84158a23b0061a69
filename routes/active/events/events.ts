import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { EventFilters, EventReply } from '../../schemas/event.ts'

const Zones = Type.String({ default: 'Driveway,Front_Door', maxLength: 1000 })
const MOST_ZONES = 20

const events: FastifyPluginAsyncTypebox = async app => {
  for (const path of ['/api/events', '/api/frigate/events']) {
    app.get(
      path,
      {
        schema: {
          summary: 'Events, newest first, of the cameras that you may see',
          description: 'With Frigate down this is `[]` and `x-upstream-error` says why.',
          querystring: EventFilters,
          response: { 200: Type.Array(EventReply) },
        },
      },
      async (request, reply) => {
        const { camera, label, zone, sub_label, ...filters } = request.query
        try {
          const asked = {
            ...filters,
            cameras: filters.cameras ?? camera,
            labels: filters.labels ?? label,
            zones: filters.zones ?? zone,
            sub_labels: filters.sub_labels ?? sub_label,
          }
          const { events } = app.frigate
          return reply.sendJson(
            await reply.ask(signal => events.list(request.identity, asked, signal), 'query'),
          )
        } catch (error) {
          reply.upstreamFailed(error)
          return []
        }
      },
    )
  }

  app.get(
    '/api/events/summary',
    {
      schema: {
        summary: 'The latest event of each zone, in the order asked',
        description: 'With Frigate down `items` is empty and `x-upstream-error` says why.',
        querystring: Type.Object({ zones: Zones }),
        response: {
          200: Type.Object({
            items: Type.Array(
              Type.Object({
                zone: Type.String(),
                id: Type.String(),
                camera: Type.String(),
                label: Type.String(),
                time: Type.Number({ description: 'Epoch seconds' }),
              }),
            ),
          }),
        },
      },
    },
    async (request, reply) => {
      const zones = request.query.zones.split(',').map(zone => zone.trim())
      const named = [...new Set(zones)].filter(zone => zone !== '').slice(0, MOST_ZONES)
      try {
        const { events } = app.frigate
        return {
          items: await reply.ask(signal => events.latestOfZones(request.identity, named, signal), 'query'),
        }
      } catch (error) {
        reply.upstreamFailed(error)
        return { items: [] }
      }
    },
  )
}
export default events
