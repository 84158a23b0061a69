import { type Exchange, json, missing } from './exchange.ts'
import { eventShape, minor, recordingShape, reviewShape } from './shapes.ts'

/** `frigate/api/event.py` `events`: a start time after `after` and before `before`, newest first. */
export function listEvents({ frigate, response, query }: Exchange) {
  const cameras = listed(query, 'cameras', 'camera')
  const labels = listed(query, 'labels', 'label')
  const zones = listed(query, 'zones', 'zone')
  const events = frigate.household.events
    .filter(({ camera }) => cameras === undefined || cameras.includes(camera))
    .filter(({ label }) => labels === undefined || labels.includes(label))
    .filter(event => zones === undefined || event.zones.some(zone => zones.includes(zone)))
    .filter(({ startTime }) => startTime > Number(query.get('after') ?? 0))
    .filter(({ startTime }) => startTime < Number(query.get('before') ?? Number.POSITIVE_INFINITY))
    .filter(
      ({ endTime }) => !query.has('in_progress') || (endTime === null) === (query.get('in_progress') === '1'),
    )
    .filter(({ hasClip }) => !query.has('has_clip') || hasClip === (query.get('has_clip') === '1'))
    .sort((a, b) => b.startTime - a.startTime)
    .slice(0, Number(query.get('limit') ?? 100))
  const inline = minor(frigate.options.version) < 16 ? 'A'.repeat(8000) : null
  const thumbnail = query.get('include_thumbnails') === '0' ? undefined : inline
  json(
    response,
    events.map(event => eventShape(event, frigate.options.version, thumbnail)),
  )
}

/** `frigate/api/media.py` `recordings`; without times the hour before the request, since 0.15 the one before it started. */
export function listRecordings({ frigate, response, query, groups: [camera = ''] }: Exchange) {
  if (!frigate.household.cameras[camera]) return missing(response, 'Camera not found')
  const [from, to] =
    minor(frigate.options.version) < 15 ? [Date.now() / 1000 - 3600, Date.now() / 1000] : [0, 0]
  const after = Number(query.get('after') ?? from)
  const before = Number(query.get('before') ?? to)
  const recordings = frigate.household.recordings
    .filter(recording => recording.camera === camera)
    .filter(({ startTime, duration }) => startTime + duration >= after && startTime <= before)
  json(response, recordings.map(recordingShape))
}

/** `frigate/api/review.py` `review`. */
export function listReviews({ frigate, response, query }: Exchange) {
  const cameras = listed(query, 'cameras')
  const reviewed = query.get('reviewed')
  const reviews = frigate.household.reviews
    .filter(({ camera }) => cameras === undefined || cameras.includes(camera))
    .filter(({ severity }) => !query.has('severity') || severity === query.get('severity'))
    .filter(({ id }) => reviewed === null || frigate.reviewed.has(id) === (reviewed === '1'))
    .sort((a, b) => b.startTime - a.startTime)
    .slice(0, Number(query.get('limit') ?? 1000))
  json(
    response,
    reviews.map(review => reviewShape(review, frigate.reviewed.has(review.id))),
  )
}

/** `POST /api/reviews/viewed {ids}` and `DELETE /api/review/:id/viewed`. */
export function setViewed({ frigate, request, response, groups: [id] }: Exchange) {
  const chunks: Buffer[] = []
  request.on('data', chunk => chunks.push(chunk))
  request.on('end', () => {
    if (id !== undefined) frigate.reviewed.delete(id)
    else for (const each of JSON.parse(Buffer.concat(chunks).toString()).ids) frigate.reviewed.add(each)
    json(response, { success: true, message: 'Reviewed multiple items' })
  })
}

function listed(query: URLSearchParams, many: string, one = many): readonly string[] | undefined {
  const value = query.get(many) ?? query.get(one) ?? 'all'
  return value === 'all' ? undefined : value.split(',')
}
