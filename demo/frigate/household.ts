/** What a Frigate knows, as its database rows: epoch seconds, sizes of recordings in MB. */
export interface HouseholdEvent {
  readonly id: string
  readonly camera: string
  readonly label: string
  readonly zones: readonly string[]
  readonly startTime: number
  /** `null` while it goes on. */
  readonly endTime: number | null
  readonly score: number
  readonly hasClip: boolean
  readonly hasSnapshot: boolean
}

export interface HouseholdRecording {
  readonly camera: string
  readonly startTime: number
  readonly duration: number
  readonly segmentSize: number
}

export interface HouseholdReview {
  readonly id: string
  readonly camera: string
  readonly startTime: number
  readonly endTime: number | null
  readonly severity: 'alert' | 'detection'
  readonly objects: readonly string[]
  readonly zones: readonly string[]
  readonly detections: readonly string[]
}

export interface HouseholdExport {
  readonly id: string
  readonly camera: string
  readonly name: string
  readonly date: number
}

export interface HouseholdCamera {
  readonly zones: readonly string[]
  /** go2rtc's stream for live view; its own name where nothing is set, as Frigate fills in. */
  readonly liveStream?: string
}

export interface Household {
  readonly cameras: Readonly<Record<string, HouseholdCamera>>
  readonly events: HouseholdEvent[]
  readonly recordings: HouseholdRecording[]
  readonly reviews: HouseholdReview[]
  readonly exports: HouseholdExport[]
}

/** An event id as Frigate makes them: start time with six digits, a dash, six random characters. */
export function eventId(startTime: number, suffix: string): string {
  return `${startTime.toFixed(6)}-${suffix.padEnd(6, 'a').slice(0, 6)}`
}

const LABELS = ['person', 'car', 'dog', 'cat'] as const

/** A house with a day of events, one every ten minutes around its cameras, the latest still going on. */
export function sampleHousehold(
  cameras: Readonly<Record<string, HouseholdCamera>>,
  now = Math.floor(Date.now() / 1000),
  count = 24,
): Household {
  const names = Object.keys(cameras)
  const events = Array.from({ length: count }, (_, i): HouseholdEvent => {
    const camera = names[i % names.length]!
    const startTime = now - 20 - i * 600
    return {
      id: eventId(startTime, `e${i}`),
      camera,
      label: LABELS[i % LABELS.length]!,
      zones: cameras[camera]!.zones,
      startTime,
      endTime: i === 0 ? null : startTime + 12,
      score: 0.7 + (i % 3) / 10,
      hasClip: true,
      hasSnapshot: true,
    }
  })
  return {
    cameras,
    events,
    recordings: names.flatMap(camera =>
      Array.from({ length: 360 }, (_, i) => ({
        camera,
        startTime: now - 3600 + i * 10,
        duration: 10,
        segmentSize: 1.25 + (i % 4) / 4,
      })),
    ),
    reviews: events.map((event, i) => ({
      id: eventId(event.startTime, `r${i}`),
      camera: event.camera,
      startTime: event.startTime,
      endTime: event.endTime,
      severity: i % 2 === 0 ? ('alert' as const) : ('detection' as const),
      objects: [event.label],
      zones: event.zones,
      detections: [event.id],
    })),
    exports: names.map((camera, i) => ({
      id: `${camera}_x${i}`,
      camera,
      name: `${camera} export`,
      date: now - i * 86_400,
    })),
  }
}
