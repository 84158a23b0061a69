import type { FastifyInstance } from 'fastify'

/** Absent without `METRICS_TOKEN`: behind a proxy on the same host the whole internet is loopback. */
export default async function metrics(app: FastifyInstance) {
  if (!app.metrics.byToken) return
  app.get('/metrics', async (request, reply) => {
    if (!app.metrics.allows(request.headers.authorization)) return reply.callNotFound()
    return reply.type(app.metrics.contentType).send(await app.metrics.text())
  })
}
