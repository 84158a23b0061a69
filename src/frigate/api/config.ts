import type { Member } from '../../json/members.ts'
import { isRecord } from '../connection/json.ts'

export interface Zone {
  readonly objects: string[]
  /** The polygon as Frigate writes it, one string or one for each. */
  readonly coordinates: string | string[]
  readonly friendly_name?: string
}

export interface FrigateCamera {
  readonly id: string
  /** go2rtc streams that its `live` setting names, the preferred one first. */
  readonly streams: readonly string[]
  readonly zones: Record<string, Zone>
}

export interface FrigateConfig {
  readonly cameras: ReadonlyMap<string, FrigateCamera>
}

/** Where the cameras are in `/api/config`, and how large it may be: one camera's part is some ten kilobytes. */
export const CONFIGURED_CAMERAS = {
  container: { kind: 'object', path: ['cameras'] },
  limits: { bytes: 8 * 1024 * 1024, members: 500, memberBytes: 256 * 1024, depth: 32 },
} as const

/** Reads what is used of the cameras in Frigate's `/api/config`, in the shapes of 0.14 to 0.17. Everything else is left there. */
export async function readFrigateConfig(cameras: AsyncIterable<readonly Member[]>): Promise<FrigateConfig> {
  const read = new Map<string, FrigateCamera>()
  for await (const members of cameras)
    for (const { name = '', value } of members)
      if (isCameraName(name) && isRecord(value)) read.set(name, readCamera(name, value))
  return { cameras: read }
}

/** Frigate's own rule for camera names is letters, digits, `_` and `-` (`REGEX_CAMERA_NAME`). */
export function isCameraName(name: string): boolean {
  return /^[\w-]{1,100}$/.test(name)
}

function readCamera(id: string, camera: Record<string, unknown>): FrigateCamera {
  return {
    id,
    streams: liveStreams(camera.live),
    zones: readZones(camera.zones),
  }
}

/** `live.streams` by label since 0.16, `live.stream_name` before. */
function liveStreams(live: unknown): string[] {
  if (!isRecord(live)) return []
  const named = isRecord(live.streams) ? Object.values(live.streams) : [live.stream_name]
  return strings(named).filter(name => name !== '')
}

function readZones(zones: unknown): Record<string, Zone> {
  if (!isRecord(zones)) return {}
  return Object.fromEntries(
    Object.entries(zones).flatMap(([name, zone]) => (isRecord(zone) ? [[name, readZone(zone)]] : [])),
  )
}

function readZone({ objects, coordinates, friendly_name }: Record<string, unknown>): Zone {
  return {
    objects: strings(objects),
    coordinates: typeof coordinates === 'string' ? coordinates : strings(coordinates),
    ...(typeof friendly_name === 'string' ? { friendly_name } : {}),
  }
}

function strings(value: unknown): string[] {
  return Array.isArray(value) ? value.filter(item => typeof item === 'string') : []
}
