import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'

const Zone = Type.Object({
  objects: Type.Array(Type.String()),
  coordinates: Type.Union([Type.String(), Type.Array(Type.String())]),
  friendly_name: Type.Optional(Type.String()),
})

const frigateCameras: FastifyPluginAsyncTypebox = async app => {
  app.get(
    '/api/frigate/cameras',
    {
      schema: {
        summary: "Frigate's cameras with their zones, keyed by camera",
        description:
          'The event page of the PWA needs a 200: with Frigate down this is `{}` and a header says why.',
        response: {
          200: Type.Record(
            Type.String(),
            Type.Object({ name: Type.String(), zones: Type.Record(Type.String(), Zone) }),
          ),
        },
      },
    },
    async (request, reply) => {
      try {
        const { value, stale } = await app.frigate.config()
        if (stale)
          reply.header('x-upstream-error', 'Frigate cannot be reached: these are the last known cameras')
        const seen = [...value.cameras.values()].filter(({ id }) => app.cameras.maySee(request.identity, id))
        const texts = seen.map(({ id, zones }) => `"${id}":{"name":"${id}","zones":${zones}}`)
        return reply.sendJson(Buffer.from(`{${texts.join()}}`))
      } catch (error) {
        reply.upstreamFailed(error)
        return {}
      }
    },
  )
}
export default frigateCameras
