import { BUNDLED_CAMERAS, type BundledCamera } from '../footage/bundled.ts'

/** As `GET /api/events` of Frigate lists them; times in seconds since 1970. */
export interface DemoEvent {
  readonly id: string
  readonly camera: BundledCamera
  readonly label: string
  readonly sub_label: string | null
  readonly zones: readonly string[]
  readonly start_time: number
  readonly end_time: number
  readonly has_clip: boolean
  readonly has_snapshot: boolean
  readonly data: { readonly type: 'object'; readonly score: number; readonly top_score: number }
}

const LABELS = ['person', 'car', 'dog', 'package'] as const
const EVERY_SECONDS = 37 * 60
/** As long as the clip. */
const SECONDS = 16

/** Two days of invented events that end at `now`, newest first. */
export function demoEvents(now: number): DemoEvent[] {
  return Array.from({ length: 78 }, (_, index) => {
    const camera = BUNDLED_CAMERAS[index % BUNDLED_CAMERAS.length] as BundledCamera
    const start = now - SECONDS - 120 - index * EVERY_SECONDS
    const score = 0.6 + ((index * 7) % 35) / 100
    return {
      id: `${start.toFixed(6)}-demo${index}`,
      camera,
      label: LABELS[(index * 3 + (index >> 2)) % LABELS.length] as string,
      sub_label: null,
      zones: [camera],
      start_time: start,
      end_time: start + SECONDS,
      has_clip: true,
      has_snapshot: true,
      data: { type: 'object', score, top_score: score },
    }
  })
}

/** The filters that Frigate has: `camera(s)`, `label(s)`, `zone(s)` (comma-separated, `all`), `before`, `after`, `limit`. */
export function filterEvents(events: readonly DemoEvent[], query: URLSearchParams): DemoEvent[] {
  const one = (name: string) => {
    const value = query.get(`${name}s`) ?? query.get(name) ?? 'all'
    return value === 'all' ? undefined : value.split(',')
  }
  const [cameras, labels, zones] = [one('camera'), one('label'), one('zone')]
  const before = Number(query.get('before') ?? Number.POSITIVE_INFINITY)
  const after = Number(query.get('after') ?? 0)
  return events
    .filter(event => !cameras || cameras.includes(event.camera))
    .filter(event => !labels || labels.includes(event.label))
    .filter(event => !zones || event.zones.some(zone => zones.includes(zone)))
    .filter(({ start_time }) => start_time < before && start_time > after)
    .slice(0, Number(query.get('limit') ?? 100))
}
