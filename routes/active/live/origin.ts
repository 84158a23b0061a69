import type { FastifyRequest } from 'fastify'

/**
 * Browsers send `Origin` with every WebSocket and let any page open one: a page of another site must not ride on what
 * the browser knows. Programs send none, and pass. An origin without a host (`null`, `file://`) is never this server's.
 */
export function isOwnOrigin(request: Pick<FastifyRequest, 'headers'>, allowed: readonly string[]): boolean {
  const { origin, host } = request.headers
  if (origin === undefined) return true
  const itself = URL.parse(origin)?.host
  if (!itself) return false
  return allowed.includes(origin) || itself === host
}
