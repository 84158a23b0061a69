import { session } from './session.js'

/** What the server, or the way to it, refused: a sentence for the person, the status (0: not reached), the body. */
export class ApiError extends Error {
  /**
   * @param {string} message
   * @param {number} status
   * @param {Record<string, unknown>} body
   */
  constructor(message, status, body = {}) {
    super(message)
    this.status = status
    this.body = body
  }
}

/**
 * Calls the JSON API with the session's token. A 401 means "log in again" and ends the session here.
 *
 * @param {string} path
 * @param {{method?: string, body?: unknown, signal?: AbortSignal}} [options]
 * @returns {Promise<any>}
 */
export async function api(path, options = {}) {
  const reply = await request(path, options)
  const body = await reply.json().catch(() => ({}))
  if (reply.ok) return body
  throw new ApiError(body.error ?? `The server answered ${reply.status}`, reply.status, body)
}

/**
 * The same for pictures and files: resolves with the reply's bytes.
 *
 * @param {string} path
 * @param {AbortSignal} [signal]
 * @returns {Promise<Blob>}
 */
export async function apiBlob(path, signal) {
  const reply = await request(path, signal ? { signal } : {})
  if (reply.ok) return reply.blob()
  const body = await reply.json().catch(() => ({}))
  throw new ApiError(body.error ?? `The server answered ${reply.status}`, reply.status, body)
}

/**
 * @param {string} path
 * @param {{method?: string, body?: unknown, signal?: AbortSignal}} options
 */
async function request(path, { method = 'GET', body, signal }) {
  /** @type {Record<string, string>} */
  const headers = { Accept: 'application/json, image/*' }
  const token = session.token
  if (token) headers.Authorization = `Bearer ${token}`
  if (body !== undefined) headers['Content-Type'] = 'application/json'
  /** @type {RequestInit} */
  const init = { method, headers, cache: 'no-store' }
  if (body !== undefined) init.body = JSON.stringify(body)
  if (signal) init.signal = signal
  const reply = await fetch(path, init).catch(error => {
    if (signal?.aborted) throw error
    throw new ApiError('The server cannot be reached', 0)
  })
  if (reply.status === 401 && path !== '/api/auth/login' && session.token === token) session.end()
  return reply
}

/**
 * A media address that a player loads by itself, with the token that it cannot send as a header.
 *
 * @param {string} path
 */
export function mediaUrl(path) {
  const url = new URL(path, location.href)
  url.searchParams.set('token', session.token ?? '')
  return url.href
}
