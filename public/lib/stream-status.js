import { api } from './api.js'

/**
 * What the server holds for one stream, as `/api/stream-buffer/status` tells it. A stream of which different viewers
 * need different tracks is there more than once, as `name` and `name (variant)`.
 *
 * @typedef {object} StreamStatus
 * @property {string} name
 * @property {string} state
 * @property {number | null} picture_seconds_ago
 * @property {boolean} sound_lost
 * @property {string | null} fault
 * @property {string[]} codecs
 * @property {number} viewers
 * @property {number} held_bytes
 * @property {number} limit_bytes
 * @property {{too_large: boolean}} gop
 * @property {{packets: number}} dropped
 * @property {number} uptime_seconds
 */

/**
 * @param {AbortSignal} signal
 * @returns {Promise<{streams: StreamStatus[], viewers: number, held: number, limit: number}>}
 */
export async function loadStreamStatus(signal) {
  const { streams, viewers, held_bytes, limits } = await api('/api/stream-buffer/status', { signal })
  return {
    streams: Object.entries(streams).map(([name, stream]) => ({ name, ...stream })),
    viewers,
    held: held_bytes,
    limit: limits.processBytes,
  }
}

/**
 * A stream and its variants taken together.
 *
 * @param {StreamStatus[]} streams
 * @param {string} name
 */
export function sumOf(streams, name) {
  const parts = streams.filter(stream => stream.name === name || stream.name.startsWith(`${name} (`))
  const sum = (/** @type {(stream: StreamStatus) => number} */ of) =>
    parts.reduce((total, part) => total + of(part), 0)
  return {
    running: parts.length > 0,
    viewers: sum(part => part.viewers),
    held: sum(part => part.held_bytes),
    limit: sum(part => part.limit_bytes),
    dropped: sum(part => part.dropped.packets),
  }
}
