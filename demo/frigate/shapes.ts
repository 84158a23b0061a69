import type {
  Household,
  HouseholdCamera,
  HouseholdEvent,
  HouseholdExport,
  HouseholdRecording,
  HouseholdReview,
} from './household.ts'

export type FrigateVersion = '0.14' | '0.15' | '0.16' | '0.17'

/** What `/api/version` says: the release that the shapes were read from, and a build. */
export const BUILDS: Readonly<Record<FrigateVersion, string>> = {
  '0.14': '0.14.1-f4f3cfa',
  '0.15': '0.15.2-1111111',
  '0.16': '0.16.4-2222222',
  '0.17': '0.17.2-3333333',
}

export function minor(version: FrigateVersion): number {
  return Number(version.slice(2))
}

/** `frigate/api/app.py` `config`; `frigate/config/camera/live.py` (0.15+), `frigate/config.py` (0.14). */
export function configShape(household: Household, version: FrigateVersion) {
  const cameras = Object.entries(household.cameras).map(([name, camera]) => [
    name,
    cameraShape(name, camera, version),
  ])
  return {
    mqtt: { enabled: true, host: 'mqtt', port: 1883, topic_prefix: 'frigate', user: 'frigate' },
    go2rtc: {
      streams: Object.fromEntries(
        Object.entries(household.cameras).map(([name, camera]) => [
          camera.liveStream ?? name,
          ['rtsp://*:*@192.0.2.10:554/stream1'],
        ]),
      ),
    },
    cameras: Object.fromEntries(cameras),
    ...(minor(version) >= 16 ? { auth: { enabled: true, roles: { admin: [], viewer: [] } } } : {}),
    version: BUILDS[version],
  }
}

function cameraShape(name: string, { zones, liveStream = name }: HouseholdCamera, version: FrigateVersion) {
  const live = { height: 720, quality: 8 }
  return {
    name,
    enabled: true,
    ...(minor(version) >= 16 ? { enabled_in_config: true } : {}),
    detect: { enabled: true, width: 1280, height: 720, fps: 5 },
    ffmpeg: { inputs: [{ path: 'rtsp://*:*@192.0.2.10:554/stream1', roles: ['detect', 'record'] }] },
    live:
      minor(version) >= 16
        ? { ...live, streams: { [liveStream]: liveStream } }
        : { ...live, stream_name: liveStream },
    zones: Object.fromEntries(
      zones.map(zone => [
        zone,
        {
          coordinates: '0,0.5,1,0.5,1,1,0,1',
          filters: {},
          inertia: 3,
          loitering_time: 0,
          objects: [],
          color: [255, 0, 0],
          ...(minor(version) >= 16 ? { enabled: true } : {}),
          ...(minor(version) >= 17 ? { friendly_name: zone.replaceAll('_', ' ') } : {}),
        },
      ]),
    ),
  }
}

/** `frigate/stats/util.py` `stats_snapshot`. */
export function statsShape(
  household: Household,
  version: FrigateVersion,
  rates: ReadonlyMap<string, number>,
) {
  const cameras = Object.keys(household.cameras).map(name => [
    name,
    {
      camera_fps: rates.get(name) ?? 5,
      process_fps: 5,
      skipped_fps: 0,
      detection_fps: 0,
      pid: 300,
      detection_enabled: true,
    },
  ])
  return { cameras: Object.fromEntries(cameras), service: { uptime: 4711, version: BUILDS[version] } }
}

/** `frigate/api/event.py` `events` (columns of `frigate/models.py` `Event`). */
export function eventShape(
  event: HouseholdEvent,
  version: FrigateVersion,
  thumbnail: string | null | undefined,
) {
  return {
    id: event.id,
    camera: event.camera,
    label: event.label,
    zones: event.zones,
    start_time: event.startTime,
    end_time: event.endTime,
    has_clip: event.hasClip,
    has_snapshot: event.hasSnapshot,
    plus_id: null,
    retain_indefinitely: false,
    sub_label: null,
    top_score: null,
    false_positive: null,
    box: null,
    data: {
      box: [0.4, 0.4, 0.2, 0.3],
      region: [0.3, 0.3, 0.5, 0.5],
      score: event.score,
      top_score: event.score,
      attributes: [],
      type: 'object',
      ...(minor(version) >= 15 ? { max_severity: 'alert' } : {}),
      ...(minor(version) >= 16 ? { path_data: [[[0.5, 0.7], event.startTime]] } : {}),
    },
    ...(thumbnail === undefined ? {} : { thumbnail }),
  }
}

/** `frigate/track/object_processing.py`: what is published as `events`. */
export function eventMessage(event: HouseholdEvent, type: 'new' | 'update' | 'end') {
  const state = {
    id: event.id,
    camera: event.camera,
    frame_time: event.startTime,
    snapshot: null,
    label: event.label,
    sub_label: null,
    top_score: event.score,
    false_positive: false,
    start_time: event.startTime,
    end_time: event.endTime,
    score: event.score,
    current_zones: event.zones,
    entered_zones: event.zones,
    has_clip: event.hasClip,
    has_snapshot: event.hasSnapshot,
    stationary: false,
  }
  return { before: state, after: state, type }
}

/** `frigate/api/media.py` (0.14 to 0.17) `recordings`; `segment_size` is in MB. */
export function recordingShape(recording: HouseholdRecording) {
  return {
    id: `${recording.startTime.toFixed(6)}-rec${recording.camera.slice(0, 3)}`,
    start_time: recording.startTime,
    end_time: recording.startTime + recording.duration,
    segment_size: recording.segmentSize,
    motion: 12,
    objects: 1,
    duration: recording.duration,
  }
}

/** `frigate/api/media.py` `recordings_summary`: days, newest first, with their hours. */
export function recordingsSummaryShape(recordings: readonly HouseholdRecording[]) {
  const days = new Map<string, Map<string, number>>()
  for (const { startTime, duration } of [...recordings].reverse()) {
    const [day = '', hour = ''] = new Date(startTime * 1000).toISOString().slice(0, 13).split('T')
    const hours = days.get(day) ?? new Map<string, number>()
    days.set(day, hours.set(hour, (hours.get(hour) ?? 0) + duration))
  }
  return [...days].map(([day, hours]) => ({
    events: hours.size,
    hours: [...hours].map(([hour, duration]) => ({ hour, events: 1, motion: 12, objects: 1, duration })),
    day,
  }))
}

/** `frigate/api/review.py` `review`. */
export function reviewShape(review: HouseholdReview, reviewed: boolean) {
  return {
    id: review.id,
    camera: review.camera,
    start_time: review.startTime,
    end_time: review.endTime,
    severity: review.severity,
    thumb_path: `/media/frigate/clips/review/thumb-${review.camera}-${review.id}.webp`,
    data: {
      detections: review.detections,
      objects: review.objects,
      sub_labels: [],
      zones: review.zones,
      audio: [],
    },
    has_been_reviewed: reviewed,
  }
}

/** `frigate/api/export.py` `get_exports`. */
export function exportShape(item: HouseholdExport) {
  return {
    id: item.id,
    camera: item.camera,
    name: item.name,
    date: item.date,
    video_path: `/media/frigate/exports/${item.id}.mp4`,
    thumb_path: `/media/frigate/clips/export/${item.id}.webp`,
    in_progress: false,
  }
}
