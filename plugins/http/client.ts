import type { FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import type { Client } from '../../src/login-protection/attempt.ts'
import { isAddress, plainAddress } from '../../src/network/address.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Where the request comes from; forwarding headers count only from `TRUSTED_PROXIES`. */
    readonly client: Client
  }
}

const FORWARDING_HEADERS = ['x-forwarded-for', 'forwarded', 'x-real-ip'] as const

export default fp(
  async app => {
    const { trustedProxies } = app.config.server
    let warned = false

    app.decorateRequest('client', {
      getter(this: FastifyRequest) {
        const peer = plainAddress(this.socket.remoteAddress ?? '')
        const forwarded = FORWARDING_HEADERS.some(name => this.headers[name] !== undefined)
        const sharedAddress = forwarded && !trustedProxies.has(peer)
        if (sharedAddress && !warned) {
          warned = true
          this.log.warn(
            { peer },
            'a proxy that is not in TRUSTED_PROXIES forwards requests; its clients cannot be told apart',
          )
        }
        return {
          address: isAddress(this.ip) ? plainAddress(this.ip) : peer,
          userAgent: this.headers['user-agent'] ?? '',
          sharedAddress,
        }
      },
    })
  },
  { name: 'client', dependencies: ['settings'] },
)
