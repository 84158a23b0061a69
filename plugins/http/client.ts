import type { FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import type { Client } from '../../src/login-protection/attempt.ts'
import { isAddress, plainAddress } from '../../src/network/address.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Where the request comes from; forwarding headers count only from `TRUSTED_PROXIES`. */
    client: Client
  }
}

const FORWARDING_HEADERS = ['x-forwarded-for', 'forwarded', 'x-real-ip'] as const

/** A client is known by the connection of its request, which may be gone before the answer is: it is looked at once. */
export default fp(
  async app => {
    const { trustedProxies } = app.config.server
    let warned = false

    app.decorateRequest('client')
    app.addHook('onRequest', (request, _reply, done) => {
      request.client = clientOf(request)
      done()
    })

    function clientOf(request: FastifyRequest): Client {
      const peer = plainAddress(request.socket.remoteAddress ?? '')
      const forwarded = FORWARDING_HEADERS.some(name => request.headers[name] !== undefined)
      const sharedAddress = forwarded && !trustedProxies.has(peer)
      if (sharedAddress && !warned) {
        warned = true
        request.log.warn(
          { peer },
          'a proxy that is not in TRUSTED_PROXIES forwards requests; its clients cannot be told apart',
        )
      }
      return {
        address: isAddress(request.ip) ? plainAddress(request.ip) : peer,
        userAgent: request.headers['user-agent'] ?? '',
        sharedAddress,
      }
    }
  },
  { name: 'client', dependencies: ['settings'] },
)
