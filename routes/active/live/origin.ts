import type { FastifyRequest } from 'fastify'

/**
 * Browsers send `Origin` with every WebSocket and let any page open one: a page of another site must not ride on what
 * the browser knows. Programs send none, and pass.
 */
export function isOwnOrigin(request: Pick<FastifyRequest, 'headers'>, allowed: readonly string[]): boolean {
  const { origin, host } = request.headers
  if (origin === undefined || allowed.includes(origin)) return true
  return URL.parse(origin)?.host === host
}
