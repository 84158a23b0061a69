import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { openHlsViewer } from '../load/hls-viewer.ts'
import { openMp4Viewer } from '../load/mp4-viewer.ts'
import { summarize } from '../load/summary.ts'
import type { Viewer } from '../load/viewer.ts'
import { openWebSocketViewer } from '../load/websocket-viewer.ts'

/**
 * A crowd of viewers as a process of its own:
 *
 *     node bench/programs/viewers.ts --url 'ws://127.0.0.1:5003/api/ws?src=load&token=…' --viewers 100 --stalled 10 --seconds 30
 *
 * `ws://` plays over WebSocket, `http://` is HLS if it ends in `.m3u8`, else a `<video>` on stream.mp4. Prints `playing` when every viewer has a
 * picture or is over, and at the end, or on SIGTERM, one line of JSON.
 */
const { values } = parseArgs({
  options: {
    /** Several are shared out among the viewers, one after another. */
    url: { type: 'string', multiple: true },
    viewers: { type: 'string', default: '1' },
    /** How many of them stop reading once they have a picture. */
    stalled: { type: 'string', default: '0' },
    /** How long it goes on after the last one has joined. */
    seconds: { type: 'string', default: '10' },
    /** Within how many seconds they join, evenly. */
    ramp: { type: 'string', default: '1' },
    /** The camera is synthetic: missed frames can be counted. */
    numbered: { type: 'boolean', default: false },
  },
})
const { url: urls = [], numbered } = values
if (urls.length === 0) throw new Error('--url is missing')
const [count, stalledCount, seconds, ramp] = [
  values.viewers,
  values.stalled,
  values.seconds,
  values.ramp,
].map(Number) as [number, number, number, number]

function open(url: string): Viewer {
  if (new URL(url).pathname.endsWith('.m3u8')) return openHlsViewer(url)
  return url.startsWith('ws') ? openWebSocketViewer(url, numbered) : openMp4Viewer(url, numbered)
}

/** A server lets go of viewers that take nothing: so that there are always some, new ones take their place. */
const STALLED_MS = 20_000

function replace(old: Viewer): void {
  const index = viewers.indexOf(old)
  const viewer = open(urls[index % urls.length]!)
  viewers[index] = viewer
  stalled.delete(old)
  stalled.add(viewer)
  old.close()
  const waiting = setInterval(() => {
    if (viewer.ended === undefined && viewer.meter.firstFrameAt === undefined) return
    viewer.stall()
    clearInterval(waiting)
  }, 20)
}

const viewers: Viewer[] = []
const stalled = new Set<Viewer>()
const stop = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort())
const pause = (ms: number) => sleep(ms, undefined, { signal: stop.signal }).catch(() => {})

const startedAt = performance.now()
for (let index = 0; index < count && !stop.signal.aborted; index++) {
  const due = startedAt + (index * ramp * 1000) / count
  const early = due - performance.now()
  if (early > 0) await pause(early)
  viewers.push(open(urls[index % urls.length]!))
}
const joinedAt = performance.now()
const waiting = () =>
  viewers.some(({ ended, meter }) => ended === undefined && meter.firstFrameAt === undefined)
while (waiting() && performance.now() < joinedAt + 60_000 && !stop.signal.aborted) await pause(20)
for (const viewer of viewers.filter(({ ended }) => ended === undefined).slice(0, stalledCount)) {
  viewer.stall()
  stalled.add(viewer)
}
console.log('playing')
const replacing = setInterval(() => {
  for (const viewer of [...stalled]) replace(viewer)
}, STALLED_MS)
await pause(seconds * 1000)
clearInterval(replacing)
console.log(JSON.stringify(summarize(viewers, stalled, (performance.now() - startedAt) / 1000)))
for (const viewer of viewers) viewer.close()
