import { FrigateMalformed } from './errors.ts'
import { isRecord } from './json.ts'

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

/** Reads what is used of Frigate's `/api/config`, in the shapes of 0.14 to 0.17. Everything else in it is left there. */
export function readFrigateConfig(json: unknown): FrigateConfig {
  if (!isRecord(json) || !isRecord(json.cameras)) throw new FrigateMalformed('its configuration')
  const cameras = new Map<string, FrigateCamera>()
  for (const [id, camera] of Object.entries(json.cameras)) {
    if (isCameraName(id) && isRecord(camera)) cameras.set(id, readCamera(id, camera))
  }
  return { cameras }
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
