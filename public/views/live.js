import { loadCameras } from '../lib/cameras.js'
import { single } from './live/single.js'
import { wall } from './live/wall.js'

/** `#/live` is the wall, `#/live/<camera>` one camera. @type {import('../app.js').View} */
export async function view({ outlet, signal, path }) {
  const cameras = await loadCameras(signal)
  const index = cameras.findIndex(({ id }) => id === path[0])
  if (index === -1) wall(outlet, signal, cameras)
  else single(outlet, signal, cameras, index)
}
