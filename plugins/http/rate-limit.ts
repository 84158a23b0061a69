import rateLimit from '@fastify/rate-limit'
import fp from 'fastify-plugin'
import { networkOf } from '../../src/network/address.ts'
import { TooManyRequests } from '../../src/network/errors.ts'
import { RequestWindows } from '../../src/network/request-windows.ts'

const WINDOW_MS = 60_000

/** A limit for the API and a far larger one for media, per user, or per address where nobody is logged in. Pages are exempt. */
export default fp(
  async app => {
    const { requestsPerMinute, mediaRequestsPerMinute } = app.config.server
    app.addHook('onRoute', route => {
      const { media, handle } = route.config ?? {}
      if (media || handle) route.config = { ...route.config, rateLimit: { max: mediaRequestsPerMinute } }
      else if (!route.url.startsWith('/api/')) route.config = { ...route.config, rateLimit: false }
    })
    await app.register(rateLimit, {
      hook: 'preHandler',
      max: requestsPerMinute,
      timeWindow: WINDOW_MS,
      store: RequestWindows,
      keyGenerator: request => request.identity?.userId ?? networkOf(request.client.address),
      errorResponseBuilder: (_request, { ttl }) => new TooManyRequests(Math.ceil(ttl / 1000)),
      addHeaders: { 'x-ratelimit-limit': false, 'x-ratelimit-remaining': false, 'x-ratelimit-reset': false },
      addHeadersOnExceeding: {
        'x-ratelimit-limit': false,
        'x-ratelimit-remaining': false,
        'x-ratelimit-reset': false,
      },
    })
  },
  { name: 'rate-limit', dependencies: ['settings', 'client', 'access', 'handles'] },
)
