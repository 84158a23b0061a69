import { createReadStream, readFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { sendClip } from './clip.ts'
import { type Exchange, json, missing, type Played } from './exchange.ts'
import { listEvents, listRecordings, listReviews, setViewed } from './lists.ts'
import { authorized, logIn } from './login.ts'
import { pictureOf } from './media.ts'
import {
  BUILDS,
  configShape,
  eventShape,
  exportShape,
  minor,
  recordingsSummaryShape,
  reviewShape,
  statsShape,
} from './shapes.ts'
import { sendVod } from './vod.ts'

type Handler = (exchange: Exchange) => void

/** What Frigate answers where, as far as it is played here, in the order of Frigate's own routing. */
const routes: readonly (readonly [RegExp, Handler])[] = [
  [/^\/api\/login$/, logIn],
  [/^\/api\/version$/, ({ frigate, response }) => text(response, BUILDS[frigate.options.version])],
  [
    /^\/api\/config$/,
    ({ frigate, response }) => json(response, configShape(frigate.household, frigate.options.version)),
  ],
  [
    /^\/api\/stats$/,
    ({ frigate, response }) =>
      json(response, statsShape(frigate.household, frigate.options.version, frigate.frameRates)),
  ],
  [/^\/api\/events$/, listEvents],
  [/^\/api\/events\/([^/]+)$/, oneEvent],
  [/^\/api\/events\/([^/]+)\/clip\.mp4$/, sendClip],
  [/^\/api\/events\/([^/]+)\/(snapshot|thumbnail)\.jpg$/, eventPicture],
  [/^\/api\/review$/, listReviews],
  [/^\/api\/review\/([^/]+)$/, oneReview],
  [/^\/api\/reviews\/viewed$/, setViewed],
  [/^\/api\/review\/([^/]+)\/viewed$/, setViewed],
  [/^\/api\/exports$/, ({ frigate, response }) => json(response, frigate.household.exports.map(exportShape))],
  [/^\/vod\/(?:event\/([^/]+)|([^/]+)\/start\/[\d.]+\/end\/[\d.]+)\/([\w.-]+)$/, sendVod],
  [/^\/api\/([^/]+)\/latest\.jpg$/, latestPicture],
  [
    /^\/api\/([^/]+)\/recordings\/summary$/,
    ({ frigate, response, groups: [camera] }) =>
      json(
        response,
        recordingsSummaryShape(frigate.household.recordings.filter(recording => recording.camera === camera)),
      ),
  ],
  [/^\/api\/([^/]+)\/recordings$/, listRecordings],
]

export function respond(frigate: Played, request: IncomingMessage, response: ServerResponse): void {
  const url = new URL(request.url ?? '', 'http://stand-in')
  if (!authorized(frigate, request, url.pathname)) {
    response.writeHead(401).end()
    return
  }
  for (const [pattern, handler] of routes) {
    const match = pattern.exec(url.pathname)
    if (!match) continue
    const groups = match.slice(1).map(group => decodeURIComponent(group ?? ''))
    handler({ frigate, request, response, query: url.searchParams, groups })
    return
  }
  missing(response, 'Not Found')
}

function oneEvent({ frigate, response, groups: [id] }: Exchange) {
  const event = frigate.household.events.find(event => event.id === id)
  if (event) json(response, eventShape(event, frigate.options.version, ''))
  else if (minor(frigate.options.version) >= 15) json(response, 'Event not found', 404)
  else response.writeHead(404, { 'content-type': 'text/html; charset=utf-8' }).end('Event not found')
}

function oneReview({ frigate, response, groups: [id = ''] }: Exchange) {
  const review = frigate.household.reviews.find(review => review.id === id)
  if (review) json(response, reviewShape(review, frigate.reviewed.has(id)))
  else missing(response, 'Review item not found')
}

function eventPicture({ frigate, response, groups: [id] }: Exchange) {
  const event = frigate.household.events.find(event => event.id === id)
  const file = event && pictureOf(frigate.options.media, event.camera, event.startTime)
  if (!event?.hasSnapshot || file === undefined) return missing(response, 'Event not found')
  response.writeHead(200, {
    'content-type': 'image/jpeg',
    'cache-control': event.endTime === null ? 'no-store' : 'private, max-age=31536000',
  })
  createReadStream(file).pipe(response)
}

/** A camera that gives no frames is answered with the error picture and 200, without a word. */
function latestPicture({ frigate, response, groups: [name = ''] }: Exchange) {
  const camera = frigate.household.cameras[name]
  if (!camera) return missing(response, 'Camera not found')
  const { media } = frigate.options
  const latest = frigate.frameRates.get(name) === 0 ? undefined : pictureOf(media, name, Date.now() / 1000)
  const picture = readFileSync(latest ?? media.errorPicture)
  response.writeHead(200, { 'content-type': 'image/jpeg', 'cache-control': 'no-store' }).end(picture)
}

function text(response: ServerResponse, value: string): void {
  response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' }).end(value)
}
