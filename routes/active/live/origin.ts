import type { FastifyBaseLogger, FastifyRequest } from 'fastify'
import { LRUCache } from 'lru-cache'
import { OriginForbidden } from './errors.ts'

/** Refusals that have been logged already. */
const REMEMBERED = 100

export interface OriginOptions {
  /** Whose pages may call the API: `CORS_ORIGINS`. */
  readonly allowed: readonly string[]
  /** Under which addresses browsers reach this server: `PUBLIC_ORIGINS`. */
  readonly own: readonly string[]
}

/**
 * Judges the pages that open WebSockets. Browsers send `Origin` with each and let any page open one: a page of another site must not
 * ride on what the browser knows. Programs send none, and pass.
 */
export class OriginCheck {
  readonly #options: OriginOptions
  readonly #log: FastifyBaseLogger
  readonly #logged = new LRUCache<string, true>({ max: REMEMBERED })

  constructor(options: OriginOptions, log: FastifyBaseLogger) {
    this.#options = options
    this.#log = log
  }

  /** Throws `ORIGIN_FORBIDDEN`, which names both addresses, for a page of another site; the first time it is logged. */
  need(request: FastifyRequest, origin = request.headers.origin): void {
    if (origin === undefined || this.#isOwn(request, origin)) return
    const reached = request.host
    const error = new OriginForbidden(origin, reached)
    const key = `${origin} ${reached}`
    if (!this.#logged.has(key)) this.#log.warn({ origin, host: reached }, error.message)
    this.#logged.set(key, true)
    throw error
  }

  /**
   * An origin without a host (`null`, `file://`) is never this server's. Else it is compared as RFC 6454 does, host and port, the port of
   * its scheme where none is named, with where this request was sent: `Host`, or the `X-Forwarded-Host` of a trusted proxy.
   */
  #isOwn({ headers, host: forwarded }: FastifyRequest, origin: string): boolean {
    const url = URL.parse(origin)
    if (!url?.host || url.origin !== origin) return this.#options.allowed.includes(origin) && !!url?.host
    const { allowed, own } = this.#options
    if (allowed.includes(origin) || own.includes(origin)) return true
    return [headers.host, forwarded].some(
      host => !!host && URL.parse(`${url.protocol}//${host}`)?.origin === url.origin,
    )
  }
}
