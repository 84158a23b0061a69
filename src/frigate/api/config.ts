import type { Member } from '../../json/members.ts'
import { isRecord } from '../../json/record.ts'

export interface FrigateCamera {
  readonly id: string
  /** go2rtc streams that its `live` setting names, the preferred one first. */
  readonly streams: readonly string[]
  /** JSON of what is told of its zones, by name. */
  readonly zones: string
}

export interface FrigateConfig {
  readonly cameras: ReadonlyMap<string, FrigateCamera>
}

/** Where the cameras are in `/api/config`, and how large it may be: one camera's part is some ten kilobytes. */
export const CONFIGURED_CAMERAS = {
  container: { kind: 'object', path: ['cameras'] },
  limits: { bytes: 8 * 1024 * 1024, memberBytes: 256 * 1024 },
} as const

/** What is kept of a configuration, which authorises every request, and told in one reply. */
export const MOST_CAMERAS = 500
const MOST_STREAMS = 20
const MOST_ZONES = 50
/** Of a stream or a zone, in characters. */
const LONGEST_NAME = 100
/** Of one zone as JSON, in characters, and of all of a house. */
const LONGEST_ZONE = 4096
const LONGEST_ZONES = 1024 * 1024

/**
 * Reads what is used of the cameras in Frigate's `/api/config`, in the shapes of 0.14 to 0.17. What is more than is kept is left out,
 * and `leftOut` is told in words.
 */
export async function readFrigateConfig(
  cameras: AsyncIterable<readonly Member[]>,
  leftOut: (what: string) => void = () => {},
): Promise<FrigateConfig> {
  const read = new Map<string, FrigateCamera>()
  const zones = new Zones(leftOut)
  for await (const members of cameras)
    for (const { name = '', value } of members) {
      if (read.size === MOST_CAMERAS) {
        leftOut(`cameras beyond ${MOST_CAMERAS}`)
        return { cameras: read }
      }
      if (!isCameraName(name)) leftOut('a camera whose name is none of Frigate')
      else if (isRecord(value))
        read.set(name, { id: name, streams: liveStreams(value.live), zones: zones.of(name, value.zones) })
      else leftOut(`camera ${name}, which is too large or none`)
    }
  return { cameras: read }
}

/** Frigate's own rule for camera names is letters, digits, `_` and `-` (`REGEX_CAMERA_NAME`). */
export function isCameraName(name: string): boolean {
  return /^[\w-]{1,100}$/.test(name)
}

/** `live.streams` by label since 0.16, `live.stream_name` before. */
function liveStreams(live: unknown): string[] {
  if (!isRecord(live)) return []
  const named = isRecord(live.streams) ? Object.values(live.streams) : [live.stream_name]
  return strings(named)
    .filter(name => name !== '' && name.length <= LONGEST_NAME)
    .slice(0, MOST_STREAMS)
}

/** The zones of all cameras as they are told, within one limit. */
class Zones {
  readonly #leftOut: (what: string) => void
  #left = LONGEST_ZONES

  constructor(leftOut: (what: string) => void) {
    this.#leftOut = leftOut
  }

  of(camera: string, zones: unknown): string {
    const told: string[] = []
    for (const [name, zone] of Object.entries(isRecord(zones) ? zones : {})) {
      if (!isRecord(zone)) continue
      const text = `${JSON.stringify(name)}:${JSON.stringify(readZone(zone))}`
      const fits = name.length <= LONGEST_NAME && text.length <= LONGEST_ZONE && text.length <= this.#left
      if (!fits || told.length === MOST_ZONES) {
        this.#leftOut(`zones of ${camera}`)
        continue
      }
      this.#left -= text.length
      told.push(text)
    }
    return `{${told.join()}}`
  }
}

/** `coordinates`: the polygon as Frigate writes it, one string or one for each. */
function readZone({ objects, coordinates, friendly_name }: Record<string, unknown>) {
  return {
    objects: strings(objects),
    coordinates: typeof coordinates === 'string' ? coordinates : strings(coordinates),
    ...(typeof friendly_name === 'string' ? { friendly_name } : {}),
  }
}

function strings(value: unknown): string[] {
  return Array.isArray(value) ? value.filter(item => typeof item === 'string') : []
}
