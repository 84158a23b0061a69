import { randomInt } from 'node:crypto'
import { get, type IncomingMessage } from 'node:http'
import { addAbortSignal } from 'node:stream'
import { text } from 'node:stream/consumers'
import { finished } from 'node:stream/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { WebSocket } from 'ws'
import type { RunningServer } from '../process/server.ts'
import { CAMERAS } from './house.ts'

export type StreamCounts = Record<string, number>

/** How somebody watches: for real, without taking anything, or a little at a time. */
type Pace = 'reading' | 'stalled' | 'slow'

interface Visit {
  readonly origin: string
  readonly token: string
  readonly camera: string
  readonly event: string
  readonly pace: Pace
  readonly signal: AbortSignal
}

const CODECS = 'avc1.640029,mp4a.40.2'
const SLOW_MS = 200

/** Every way to watch. Each goes on until its signal, which comes at any phase of it. */
const WATCHED: Readonly<Record<string, (visit: Visit) => Promise<void>>> = {
  websocket: ({ origin, token, camera, pace, signal }) =>
    new Promise(resolve => {
      const socket = new WebSocket(`${origin.replace(/^http/, 'ws')}/api/ws?src=${camera}&token=${token}`)
      const undo = hold(socket, pace)
      socket.on('open', () =>
        socket.send(JSON.stringify({ type: randomInt(10) === 0 ? 'mjpeg' : 'mse', value: CODECS })),
      )
      socket.on('error', () => {})
      socket.on('close', () => {
        undo()
        resolve()
      })
      signal.addEventListener('abort', () => socket.terminate(), { once: true })
    }),
  mp4: visit => read(visit, `/api/camera/${visit.camera}/stream.mp4`),
  mse: visit => read(visit, `/api/go2rtc/mse/${visit.camera}`),
  mjpeg: visit => read(visit, '/api/go2rtc/stream.mjpeg', `&src=${visit.camera}`),
  events: visit => read(visit, '/api/events/stream', randomInt(2) === 0 ? '' : '&lastEventId=1-1'),
  clip: visit => read(visit, `/api/events/${visit.event}/clip.mp4`, '', { range: 'bytes=0-' }),
  hls: visit => play(visit, `/api/camera/${visit.camera}/stream.m3u8`),
  'low-latency hls': visit => play(visit, `/api/camera/${visit.camera}/stream.m3u8`, '&ll=1'),
  'clip hls': visit => play(visit, `/api/events/${visit.event}/clip.m3u8`),
  'recording hls': visit => {
    const before = Math.floor(Date.now() / 1000) - randomInt(600)
    return play(visit, `/api/recordings/${visit.camera}/vod.m3u8`, `&after=${before - 60}&before=${before}`)
  },
}

export const WAYS = Object.keys(WATCHED)

/** Most leave at once, some after a while; in milliseconds. */
const stay = () => randomInt(randomInt(10) === 0 ? 3000 : 150)

/** Opens one stream after another and leaves each at a random moment, until the signal. */
export function watch(
  server: RunningServer,
  events: readonly string[],
  signal: AbortSignal,
  counts: StreamCounts,
): Promise<void> {
  return visits(server, events, signal, counts, 'reading', WAYS, stay)
}

/** Stays, taking nothing or hardly anything, until the server lets go of it; then comes back. */
export function lag(
  server: RunningServer,
  events: readonly string[],
  signal: AbortSignal,
  counts: StreamCounts,
  pace: Pace,
): Promise<void> {
  const ways = ['websocket', 'mp4', 'mjpeg', 'events', 'clip']
  return visits(server, events, signal, counts, pace, ways, () => randomInt(8000))
}

async function visits(
  { origin, token }: RunningServer,
  events: readonly string[],
  signal: AbortSignal,
  counts: StreamCounts,
  pace: Pace,
  ways: readonly string[],
  stayMs: () => number,
): Promise<void> {
  while (!signal.aborted) {
    const name = ways[randomInt(ways.length)]!
    counts[name] = (counts[name] ?? 0) + 1
    const leave = new AbortController()
    const end = () => leave.abort()
    const timer = setTimeout(end, stayMs())
    signal.addEventListener('abort', end)
    await WATCHED[name]!({
      origin,
      token,
      camera: CAMERAS[randomInt(CAMERAS.length)]!,
      event: events[randomInt(events.length)]!,
      pace,
      signal: leave.signal,
    }).catch(() => {})
    signal.removeEventListener('abort', end)
    clearTimeout(timer)
    await sleep(0)
  }
}

/** Multivariant playlist, media playlist, and what that one names, the first of it. */
async function play(visit: Visit, path: string, query = ''): Promise<void> {
  let url: URL | undefined = new URL(`${visit.origin}${path}?token=${visit.token}${query}`)
  for (let depth = 0; depth < 3 && url; depth++) {
    const reply: IncomingMessage = await ask(url, visit.signal)
    const lines: string[] = (await text(reply)).split('\n')
    const next = lines.find(line => line !== '' && !line.startsWith('#'))
    url = next === undefined || lines[0] !== '#EXTM3U' ? undefined : new URL(next, url)
  }
}

/** Until the reply ends or the signal comes. */
async function read(
  visit: Visit,
  path: string,
  query = '',
  headers: Record<string, string> = {},
): Promise<void> {
  const { origin, token, pace, signal } = visit
  const reply = await ask(new URL(`${origin}${path}?token=${token}${query}`), signal, headers)
  // Also when all of it is here and only waits to be read: the request is over then, and its signal with it.
  addAbortSignal(signal, reply)
  const undo = hold(reply, pace)
  reply.resume()
  await finished(reply).finally(undo)
}

/** On a connection of its own, which ends with it. */
function ask(url: URL, signal: AbortSignal, headers: Record<string, string> = {}): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    get(url, { signal, headers, agent: false }, resolve).on('error', reject)
  })
}

/** Lets a reader take what its pace allows; the returned function ends that. */
function hold(reader: { pause(): void; resume(): void }, pace: Pace): () => void {
  if (pace === 'reading') return () => {}
  const timer = setInterval(() => {
    if (pace === 'slow') reader.resume()
    setImmediate(() => reader.pause())
  }, SLOW_MS)
  return () => clearInterval(timer)
}
