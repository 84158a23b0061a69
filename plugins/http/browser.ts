import cors from '@fastify/cors'
import type { FastifyHelmetOptions } from '@fastify/helmet'
import fp from 'fastify-plugin'
import { DATA_HEADERS } from '../../src/http/data-headers.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** helmet's options for whoever answers with pages. */
    pageHeaders: FastifyHelmetOptions
  }
  interface FastifyContextConfig {
    /** Answers with pages, scripts and styles rather than data. */
    page?: boolean
  }
}

const SELF = ["'self'"]

const policy = {
  defaultSrc: SELF,
  baseUri: ["'none'"],
  objectSrc: ["'none'"],
  formAction: SELF,
  frameAncestors: SELF,
  imgSrc: [...SELF, 'blob:', 'data:'],
  mediaSrc: [...SELF, 'blob:'],
}

/** A PWA that was built elsewhere: hls.js with its worker from a blob, styles and fonts that bundlers inline. */
const pwaPolicy = {
  ...policy,
  styleSrc: [...SELF, "'unsafe-inline'"],
  fontSrc: [...SELF, 'data:'],
  workerSrc: [...SELF, 'blob:'],
  connectSrc: [...SELF, 'blob:'],
}

/**
 * What browsers are told. Other origins may call the API with credentials if `CORS_ORIGINS` lists them. Pages get
 * helmet's headers, in their own scope: it costs as much as the rest of a small request, and an answer that is data
 * needs few of them.
 */
export default fp(
  async app => {
    const { corsOrigins, webRoot } = app.config.server
    const everyone = corsOrigins.includes('*')

    app.decorate('pageHeaders', {
      contentSecurityPolicy: {
        useDefaults: false,
        directives: webRoot === undefined ? policy : pwaPolicy,
      },
      // TLS is the business of the proxy in front, and on a plain network these two only make browsers complain.
      strictTransportSecurity: false,
      crossOriginOpenerPolicy: false,
      originAgentCluster: false,
      referrerPolicy: { policy: 'no-referrer' },
    })
    app.addHook('onRequest', (_request, reply, done) => {
      // On the response itself, where helmet puts the policy of a page in the place of this one.
      for (const name in DATA_HEADERS) reply.raw.setHeader(name, DATA_HEADERS[name]!)
      done()
    })
    // Where an address may hold a token, nothing that is loaded from there is told it.
    app.addHook('onRoute', route => {
      if (!route.config?.media) return
      route.onRequest = [
        ...[route.onRequest ?? []].flat(),
        (_request, reply, done) => {
          reply.header('referrer-policy', 'no-referrer')
          done()
        },
      ]
    })
    if (corsOrigins.length === 0) return
    await app.register(cors, {
      origin: everyone ? '*' : corsOrigins,
      credentials: !everyone,
      methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
      maxAge: 600,
    })
  },
  { name: 'browser', dependencies: ['settings'] },
)
