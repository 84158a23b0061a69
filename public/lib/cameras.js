import { ApiError, api } from './api.js'

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
    cameras.map(async (/** @type {{id: string, name: string}} */ { id, name }) => ({
      id,
      name,
      stream: await streamOf(id, signal),
    })),
  )
}

/**
 * A camera that has gone from the list in the meantime keeps its place on the wall, and its player says what is wrong.
 *
 * @param {string} id
 * @param {AbortSignal} signal
 * @returns {Promise<string>}
 */
async function streamOf(id, signal) {
  try {
    return (await api(`/api/cameras/${encodeURIComponent(id)}/stream/mse`, { signal })).stream_name
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return id
    throw error
  }
}
