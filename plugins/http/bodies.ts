import fp from 'fastify-plugin'
import { BodyTooSlow } from '../../src/http/errors.ts'
import { bodyBytes } from '../../src/http/request-bytes.ts'
import { UnfinishedBodies } from '../../src/http/unfinished-bodies.ts'

declare module 'fastify' {
  interface FastifyInstance {
    unfinishedBodies: UnfinishedBodies
  }
}

const MOST_BYTES = 4 * 1024 * 1024

/** Bodies that are being received, bounded for the process; each has its deadline from the HTTP server. */
export default fp(
  async app => {
    const bodies = new UnfinishedBodies({
      // The other places are for requests that are whole.
      count: Math.ceil(app.config.server.limits.requests / 4),
      bytes: MOST_BYTES,
    })
    app.decorate('unfinishedBodies', bodies)
    app.addHook('preParsing', (request, reply, payload, done) => {
      const bytes = bodyBytes(request.raw)
      if (bytes > 0 && !request.raw.complete) {
        const forget = bodies.begin(bytes, () => {
          reply.header('connection', 'close').send(new BodyTooSlow())
        })
        request.raw.once('end', forget)
        reply.raw.once('close', forget)
      }
      done(null, payload)
    })
  },
  { name: 'bodies', dependencies: ['settings'] },
)
