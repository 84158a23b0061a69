import { readFileSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import { BUNDLED_CAMERAS, type BundledCamera, bundledMedia } from '../footage/bundled.ts'
import { splitJpegs } from '../footage/pictures.ts'
import { demoConfig } from './config.ts'
import { type DemoEvent, demoEvents, filterEvents } from './events.ts'
import { demoRecordings } from './recordings.ts'

type Handler = (response: ServerResponse, name: string, query: URLSearchParams) => void

/** What Frigate answers where; the first group of the path is the camera's or the event's name. */
export function frigateRoutes(now: number): readonly (readonly [RegExp, Handler])[] {
  const events = demoEvents(now)
  const ofEvent =
    (answer: (response: ServerResponse, event: DemoEvent) => void): Handler =>
    (response, id) => {
      const event = events.find(candidate => candidate.id === id)
      if (event) answer(response, event)
      else json(response, { success: false, message: 'Event not found' }, 404)
    }
  const ofCamera =
    (answer: (response: ServerResponse, camera: BundledCamera, query: URLSearchParams) => void): Handler =>
    (response, name, query) => {
      const camera = BUNDLED_CAMERAS.find(candidate => candidate === name)
      if (camera) answer(response, camera, query)
      else json(response, { success: false, message: 'Camera not found' }, 404)
    }

  return [
    [/^\/api\/config$/, response => json(response, demoConfig())],
    [/^\/api\/version$/, response => response.end('0.16.1-demo')],
    [/^\/api\/stats$/, response => json(response, stats(now))],
    [/^\/api\/events$/, (response, _, query) => json(response, filterEvents(events, query))],
    [/^\/api\/events\/([^/]+)$/, ofEvent(json)],
    [
      /^\/api\/events\/([^/]+)\/(?:snapshot|thumbnail)\.jpg$/,
      ofEvent((response, event) => jpeg(response, picture(event.camera, event.start_time))),
    ],
    // As Frigate since 0.15 does: fragmented, without a length, without ranges.
    [
      /^\/api\/events\/([^/]+)\/clip\.mp4$/,
      ofEvent((response, { camera }) => {
        response.writeHead(200, { 'content-type': 'video/mp4' })
        response.write(readFileSync(bundledMedia(`${camera}.mp4`)))
        response.end()
      }),
    ],
    [
      /^\/api\/([^/]+)\/latest\.jpg$/,
      ofCamera((response, camera) => jpeg(response, picture(camera, Date.now() / 1000))),
    ],
    [
      /^\/api\/([^/]+)\/recordings$/,
      ofCamera((response, camera, query) => {
        const before = Number(query.get('before') ?? Date.now() / 1000)
        json(response, demoRecordings(camera, Number(query.get('after') ?? before - 3600), before))
      }),
    ],
  ]
}

function stats(started: number) {
  const uptime = Math.round(Date.now() / 1000 - started)
  const cameras = BUNDLED_CAMERAS.map(name => [name, { camera_fps: 25, detection_fps: 0 }])
  return { service: { uptime, version: '0.16.1-demo' }, cameras: Object.fromEntries(cameras) }
}

/** One of a camera's bundled pictures, another one every two seconds. */
function picture(camera: BundledCamera, seconds: number): Buffer {
  const all = splitJpegs(readFileSync(bundledMedia(`${camera}.mjpeg`)))
  return all[Math.floor(seconds / 2) % all.length] as Buffer
}

function jpeg(response: ServerResponse, bytes: Buffer): void {
  response.writeHead(200, { 'content-type': 'image/jpeg', 'content-length': bytes.length }).end(bytes)
}

function json(response: ServerResponse, value: unknown, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value))
}
