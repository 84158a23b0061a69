import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { get, request as httpRequest } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Frigate } from '../demo/frigate/frigate.ts'
import { sampleHousehold } from '../demo/frigate/household.ts'
import { makeLonger, makeMedia } from '../test/support/frigate-media.ts'
import { Sampler } from './process/sampler.ts'
import { runServer } from './process/server.ts'

/**
 * Clips of a Frigate that pipes them, measured with the server in a process of its own: many clients at one large
 * clip, and a storm of aborted requests. Needs ffmpeg and the built server: `npm run bench:clips`.
 */
const MIB = 1024 * 1024
const CLIENTS = 50
const ABORTED = 500

const folder = mkdtempSync(join(tmpdir(), 'camgate-clips-'))
const cache = join(folder, 'cache')
const media = makeMedia(folder, ['Driveway'])
const large = join(folder, 'large.mp4')
makeLonger(media.clip, Math.ceil((200 * MIB) / statSync(media.clip).size), large)
const frigate = new Frigate({
  version: '0.16',
  household: sampleHousehold({ Driveway: { zones: [] } }),
  media: { ...media, fragmented: large },
})
await frigate.start()
const server = await runServer('http://127.0.0.1:9', {
  FRIGATE_HOST: frigate.origin,
  CLIP_CACHE_PATH: cache,
})
/** Of the first client: all others have to get the same bytes. */
let expected: string | undefined
const events = frigate.household.events.map(({ id }) => id)

try {
  await server.get('/api/events')
  await sleep(2000)
  const idle = new Sampler(server.pid)
  await sleep(2000)
  console.log('idle', JSON.stringify(idle.stop()))
  await crowd('GET as it comes', events[1]!, {})
  await crowd('GET with Range, from the cache', events[1]!, { range: 'bytes=0-' })
  await crowd('GET with Range, of a clip that must be fetched first', events[2]!, { range: 'bytes=0-' })
  await storm()
} finally {
  await server.stop()
  await frigate.stop()
  rmSync(folder, { recursive: true, force: true })
}

async function crowd(title: string, id: string, headers: Record<string, string>): Promise<void> {
  const before = clipRequests()
  const watch = new Sampler(server.pid)
  const started = performance.now()
  const digests = await Promise.all(Array.from({ length: CLIENTS }, () => digest(clipUrl(id), headers)))
  const seconds = (performance.now() - started) / 1000
  expected ??= digests[0]
  const megabytes = (CLIENTS * statSync(large).size) / MIB
  console.log(
    `${CLIENTS} clients, 200 MB, ${title}`,
    JSON.stringify({
      upstreamDownloads: clipRequests() - before,
      whole: digests.filter(one => one === expected).length,
      mbPerSecond: Math.round(megabytes / seconds),
      ...watch.stop(),
    }),
  )
}

/** Requests of every kind, for clips that are in the cache and others, each aborted at a moment of its own. */
async function storm(): Promise<void> {
  const files = () => readdirSync(`/proc/${server.pid}/fd`).length
  const before = files()
  const watch = new Sampler(server.pid)
  await Promise.all(
    Array.from({ length: ABORTED }, async (_, i) => {
      await sleep(Math.random() * 5000)
      const method = i % 5 === 0 ? 'HEAD' : 'GET'
      const headers = i % 2 === 0 ? { range: `bytes=${i * 1000}-` } : {}
      const request = httpRequest(clipUrl(events[i % events.length]!), { method, headers })
      request.on('response', response => response.resume().on('error', () => {}))
      request.on('error', () => {}).end()
      await sleep(Math.random() * 1000)
      request.destroy()
    }),
  )
  for (let i = 0; i < 100 && (frigate.answering > 0 || files() > before); i++) await sleep(100)
  console.log(
    `${ABORTED} clip requests aborted`,
    JSON.stringify({
      upstreamRequestsLeft: frigate.answering,
      fileHandlesLeft: files() - before,
      partsLeft: readdirSync(cache).filter(name => name.endsWith('.part')).length,
      ...watch.stop(),
    }),
  )
}

function digest(url: string, headers: Record<string, string>): Promise<string> {
  return new Promise((resolve, reject) => {
    get(url, { headers }, response => {
      const hash = createHash('sha256')
      response.on('data', chunk => hash.update(chunk))
      response.on('end', () => resolve(hash.digest('hex')))
      response.on('error', reject)
    }).on('error', reject)
  })
}

function clipUrl(id: string): string {
  return `${server.origin}/api/events/${id}/clip.mp4?token=${server.token}`
}

function clipRequests(): number {
  return frigate.seen(/clip\.mp4/).length
}
