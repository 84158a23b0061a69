import type { FastifyReply } from 'fastify'
import fp from 'fastify-plugin'
import { Admission, type Place } from '../../src/http/admission.ts'
import { ServerBusy } from '../../src/http/errors.ts'
import { requestBytes } from '../../src/http/request-bytes.ts'

declare module 'fastify' {
  interface FastifyInstance {
    admission: Admission
  }
  interface FastifyRequest {
    /** Of a request that is being answered. Whoever answers without an end leaves it, and bounds what it holds itself. */
    place: Place | undefined
  }
  interface FastifyContextConfig {
    /** Is answered however many requests there are. */
    always?: boolean
  }
}

/** What replies hold together that their clients have not taken. */
const MOST_BYTES = 16 * 1024 * 1024
/** What a stream and a response buffer between them, where the body is no shorter. */
const STREAMED_BYTES = 128 * 1024

/** Every request has a place while it is answered, or gets 503 at once. */
export default fp(
  async app => {
    const refusal = () => new ServerBusy()
    const admission = new Admission({
      requests: app.shares.define('requests being answered', {
        total: app.config.server.limits.requests,
        refusal,
      }),
      bytes: app.shares.define('headers and unread replies', { total: MOST_BYTES, refusal }),
    })
    app.decorate('admission', admission)
    app.decorateRequest('place', undefined)

    app.addHook('onRequest', async (request, reply) => {
      if (request.routeOptions.config.always) return
      request.place = admission.enter(request.owner, requestBytes(request.raw))
      reply.raw.once('close', () => request.place?.leave())
    })
    // Who asks is known when the guards of its scope have run: from then on the place is the user's, and no longer the address's.
    app.addHook('preParsing', async request => {
      if (!request.identity || !request.place) return
      request.place.leave()
      request.place = admission.enter(request.owner, requestBytes(request.raw))
    })
    app.addHook('onSend', async (request, reply, payload) => {
      try {
        request.place?.holdReply(request.owner, replyBytes(reply, payload))
      } catch (error) {
        if (isStream(payload)) payload.destroy()
        throw error
      }
    })
  },
  { name: 'admission', dependencies: ['settings', 'shares', 'browser'] },
)

function replyBytes(reply: FastifyReply, payload: unknown): number {
  if (typeof payload === 'string' || Buffer.isBuffer(payload)) return payload.length
  if (!isStream(payload)) return 0
  const length = Number(reply.getHeader('content-length') ?? STREAMED_BYTES)
  return Math.min(length, STREAMED_BYTES)
}

function isStream(payload: unknown): payload is { destroy(): void } {
  return typeof payload === 'object' && payload !== null && 'pipe' in payload && 'destroy' in payload
}
