import { type Identity, maySeeCamera } from '../../access/identity.ts'
import { isCameraName } from './config.ts'

/**
 * The `cameras` parameter that keeps an answer of Frigate to what this user may see: the requested ones that are
 * allowed, comma-separated. `undefined`: no camera is left, the answer is empty and Frigate need not be asked.
 */
export function visibleCameras(identity: Identity, requested: string | undefined): string | undefined {
  const wanted = requested === undefined || requested === 'all' ? undefined : requested.split(',')
  if (wanted) return joined(wanted.filter(camera => maySeeCamera(identity, camera)))
  if (identity.onlyCamera !== undefined)
    return joined([identity.onlyCamera].filter(camera => maySeeCamera(identity, camera)))
  return identity.access.mode === 'all' ? 'all' : joined([...identity.access.cameras])
}

function joined(cameras: readonly string[]): string | undefined {
  const named = cameras.filter(isCameraName)
  return named.length === 0 ? undefined : named.join(',')
}

/** A row of an answer if this user may see its camera, should Frigate have given more than it was asked for. */
export function seenBy<T extends { readonly camera: string }>(identity: Identity, row: T): T | undefined {
  return maySeeCamera(identity, row.camera) ? row : undefined
}
