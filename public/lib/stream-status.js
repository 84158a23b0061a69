import { api } from './api.js'

/**
 * What the server tells of one stream: bytes it holds against its limit, who watches, what was dropped.
 *
 * @typedef {object} StreamStatus
 * @property {string} name
 * @property {number} viewers
 * @property {number} bytes
 * @property {number} limit
 * @property {number} drops
 * @property {number} uptime seconds
 * @property {string} state
 * @property {string} codecs
 */

/**
 * @param {AbortSignal} signal
 * @returns {Promise<{streams: StreamStatus[], bytes: number, limit: number, viewers: number, drops: number}>}
 */
export async function loadStreamStatus(signal) {
  const answer = await api('/api/stream-buffer/status', { signal })
  return answer
}
