import { api } from './api.js'

/** @typedef {{id: string, name: string, stream: string}} Camera */

/**
 * The cameras that this session may see, each with the name of its stream.
 *
 * @param {AbortSignal} signal
 * @returns {Promise<Camera[]>}
 */
export async function loadCameras(signal) {
  const { cameras } = await api('/api/cameras', { signal })
  return Promise.all(
    cameras.map(
      async (/** @type {{id: string, name: string, stream_name?: string}} */ { id, name, stream_name }) => ({
        id,
        name,
        stream: stream_name ?? (await streamOf(id, signal)),
      }),
    ),
  )
}

/**
 * @param {string} id
 * @param {AbortSignal} signal
 */
async function streamOf(id, signal) {
  const { stream_name } = await api(`/api/cameras/${encodeURIComponent(id)}/stream/mse`, { signal })
  return stream_name
}
