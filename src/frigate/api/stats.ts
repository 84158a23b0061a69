import type { Member } from '../../json/members.ts'
import { isRecord } from '../../json/record.ts'
import { MOST_CAMERAS } from './config.ts'

/** Where the cameras are in `/api/stats`. */
export const CAMERA_STATS = {
  container: { kind: 'object', path: ['cameras'] },
  limits: { bytes: 2 * 1024 * 1024, memberBytes: 64 * 1024 },
} as const

/** `cameras.<name>.camera_fps` of `/api/stats`: frames a second that come in from each camera. */
export async function readCameraRates(
  cameras: AsyncIterable<readonly Member[]>,
): Promise<ReadonlyMap<string, number>> {
  const rates = new Map<string, number>()
  for await (const members of cameras)
    for (const { name = '', value } of members) {
      if (rates.size === MOST_CAMERAS) return rates
      if (isRecord(value) && typeof value.camera_fps === 'number') rates.set(name, value.camera_fps)
    }
  return rates
}
