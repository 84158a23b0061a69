import { FrigateMalformed } from './errors.ts'
import { isRecord } from './json.ts'

/** `cameras.<name>.camera_fps` of `/api/stats`: frames a second that come in from each camera. */
export function readCameraRates(json: unknown): ReadonlyMap<string, number> {
  if (!isRecord(json) || !isRecord(json.cameras)) throw new FrigateMalformed('its statistics')
  const rates = new Map<string, number>()
  for (const [id, camera] of Object.entries(json.cameras)) {
    if (isRecord(camera) && typeof camera.camera_fps === 'number') rates.set(id, camera.camera_fps)
  }
  return rates
}
