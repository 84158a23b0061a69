import type { FastifyReply } from 'fastify'
import fp from 'fastify-plugin'
import { Admission, type Place } from '../src/http/admission.ts'
import { ServerBusy } from '../src/http/errors.ts'
import { requestBytes } from '../src/http/request-bytes.ts'
import { networkOf } from '../src/network/address.ts'

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
    const admission = new Admission({ requests: app.config.server.limits.requests, bytes: MOST_BYTES })
    app.decorate('admission', admission)
    app.decorateRequest('place', undefined)

    app.addHook('onRequest', async (request, reply) => {
      if (request.routeOptions.config.always) return
      const place = admission.enter(networkOf(request.client.address), requestBytes(request.raw))
      if (!place) throw new ServerBusy()
      request.place = place
      reply.raw.once('close', () => place.leave())
    })
    app.addHook('onSend', async (request, reply, payload) => {
      if (request.place?.holdReply(replyBytes(reply, payload)) !== false) return
      if (isStream(payload)) payload.destroy()
      throw new ServerBusy()
    })
  },
  { name: 'admission', dependencies: ['settings', 'client', 'browser'] },
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
