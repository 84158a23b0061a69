import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as after } from 'node:timers/promises'
import { promisify } from 'node:util'
import t, { type Test } from 'tap'
import type { FrigateOptions } from '../../demo/frigate/frigate.ts'
import type { FrigateVersion } from '../../demo/frigate/shapes.ts'
import type { Environment } from '../../src/config/setting.ts'
import { makeLonger } from '../support/frigate-media.ts'
import { startHouse } from '../support/house.ts'
import { asPlain } from '../support/plain-mp4.ts'
import { curl, ffprobe } from '../support/tools.ts'

const VERSIONS: readonly FrigateVersion[] = ['0.14', '0.15', '0.16', '0.17']
const PIPED: readonly FrigateVersion[] = ['0.15', '0.16', '0.17']

function temporary(t: Test): string {
  const folder = mkdtempSync(join(tmpdir(), 'camgate-clips-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

async function start(t: Test, options: Partial<FrigateOptions> = {}, env: Environment = {}) {
  const cache = join(temporary(t), 'cache')
  const house = await startHouse(t, options, { CLIP_CACHE_PATH: cache, ...env })
  const { media, version } = house.frigate.options
  const upstream = readFileSync(version === '0.14' ? media.clip : media.fragmented)
  const event = house.frigate.household.events[1]!
  const path = `/api/events/${event.id}/clip.mp4`
  return {
    ...house,
    cache,
    path,
    event,
    url: `${house.origin}${path}?token=${house.admin.token}`,
    upstream,
    /** What a client gets: what Frigate pipes is turned into a plain MP4. */
    expected: version === '0.14' ? upstream : asPlain(upstream),
  }
}

const sha = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')
const clipRequests = (house: { frigate: { seen(path: RegExp): unknown[] } }) =>
  house.frigate.seen(/clip\.mp4/).length

async function settled(condition: () => boolean): Promise<void> {
  while (!condition()) await after(20)
}

for (const version of VERSIONS) {
  t.test(`${version}: a clip cannot be seeked in`, async t => {
    const { request, path, expected } = await start(t, { version })
    const first = await request(path)
    t.equal(first.status, 200)
    t.equal(first.headers.get('content-type'), 'video/mp4')
    t.match(first.headers.get('cache-control'), /private/)
    t.equal(sha(Buffer.from(await first.arrayBuffer())), sha(expected))

    const head = await request(path, { method: 'HEAD' })
    t.equal(head.status, 200)
    t.equal(head.headers.get('content-length'), String(expected.length))
    t.equal(head.headers.get('accept-ranges'), 'bytes')
    const etag = head.headers.get('etag')!
    t.match(etag, /^"[\w-]+"$/)

    const size = expected.length
    const ranges: readonly [string, number, number][] = [
      ['bytes=0-1', 0, 1],
      ['bytes=0-', 0, size - 1],
      ['bytes=1000-1999', 1000, 1999],
      [`bytes=${size - 1}-`, size - 1, size - 1],
      ['bytes=-500', size - 500, size - 1],
    ]
    for (const [range, from, to] of ranges) {
      const part = await request(path, { headers: { range } })
      t.equal(part.status, 206, range)
      t.equal(part.headers.get('content-range'), `bytes ${from}-${to}/${size}`)
      t.equal(part.headers.get('content-length'), String(to - from + 1))
      t.equal(sha(Buffer.from(await part.arrayBuffer())), sha(expected.subarray(from, to + 1)))
    }
    const beyond = await request(path, { headers: { range: `bytes=${size}-` } })
    t.equal(beyond.status, 416)
    t.equal(beyond.headers.get('content-range'), `bytes */${size}`)
    const alias = await request(path.replace('/api/', '/api/frigate/'), { headers: { range: 'bytes=0-9' } })
    t.equal(alias.status, 206)
  })
}

t.test('If-Range and If-None-Match would be ignored', async t => {
  const { request, path, expected } = await start(t)
  const etag = (await request(path, { method: 'HEAD' })).headers.get('etag')!
  const range = 'bytes=5-9'
  t.equal((await request(path, { headers: { range, 'if-range': etag } })).status, 206)
  const changed = await request(path, { headers: { range, 'if-range': '"other"' } })
  t.equal(changed.status, 200)
  t.equal((await changed.arrayBuffer()).byteLength, expected.length)
  t.equal((await request(path, { headers: { 'if-none-match': `"x", ${etag}` } })).status, 304)
  t.equal((await request(path, { headers: { 'if-none-match': '"x"' } })).status, 200)
})

t.test('fifty clients would download a clip fifty times', async t => {
  const house = await start(t)
  const replies = await Promise.all(
    Array.from({ length: 50 }, async (_, i) => {
      const reply = await house.request(house.path, i % 2 === 0 ? {} : { headers: { range: 'bytes=0-' } })
      return sha(Buffer.from(await reply.arrayBuffer()))
    }),
  )
  t.ok(replies.every(digest => digest === sha(house.expected)))
  t.equal(clipRequests(house), 1)
  await house.request(house.path)
  t.equal(clipRequests(house), 1)
})

/** Beside this process, which serves what is asked for. */
const run = async (program: string, ...args: string[]) => (await promisify(execFile)(program, args)).stdout

for (const version of PIPED) {
  t.test(`${version}: ffprobe reads the clip by ranges`, async t => {
    const { url, request, path } = await start(t, { version })
    await request(path, { method: 'HEAD' })
    const quiet = ['-v', 'error']
    const probe = JSON.parse(
      await run(ffprobe(), ...quiet, '-of', 'json', '-show_format', '-show_streams', url),
    ) as { format: { duration: string }; streams: { codec_name: string }[] }
    t.ok(Math.abs(Number(probe.format.duration) - 10) < 0.5)
    t.same(
      probe.streams.map(({ codec_name }) => codec_name),
      ['h264', 'aac'],
    )
    const only = ['-select_streams', 'v', '-show_entries', 'packet=pts_time', '-of', 'csv=p=0']
    const packet = await run(ffprobe(), ...quiet, ...only, '-read_intervals', '8%+#1', url)
    t.ok(Number.parseFloat(packet) >= 7, 'seeks to the eighth second')
  })
}

t.test('curl would resume a clip into another file', async t => {
  const { url, expected } = await start(t)
  const file = join(temporary(t), 'clip.mp4')
  await run(curl(), '-sS', '-f', '-o', file, url)
  t.equal(sha(readFileSync(file)), sha(expected))
  for (const kept of [0, 1, 1000, expected.length - 1]) {
    truncateSync(file, kept)
    await run(curl(), '-sS', '-f', '-o', file, '-C', '-', url)
    t.equal(sha(readFileSync(file)), sha(expected), `from ${kept}`)
  }
})

t.test('a clip that no one waits for any more would still be fetched', async t => {
  const house = await start(t)
  house.frigate.delayMs = 300
  await house.request('/api/events')
  const gone = new AbortController()
  const waiting = [{}, { method: 'HEAD' }, { headers: { range: 'bytes=0-1' } }].map(init =>
    house.request(house.path, { ...init, signal: gone.signal }).catch(() => 'aborted'),
  )
  await settled(() => clipRequests(house) === 1)
  gone.abort()
  t.same(await Promise.all(waiting), ['aborted', 'aborted', 'aborted'])
  await settled(() => house.frigate.answering === 0)
  await settled(() => readdirSync(house.cache).length === 0)
  house.frigate.delayMs = 0
  const again = await house.request(house.path)
  t.equal(sha(Buffer.from(await again.arrayBuffer())), sha(house.expected), 'and the next one gets it')
})

t.test('many clips at once would start as many programs of Frigate', async t => {
  const house = await start(t)
  house.frigate.clipPaused = true
  const gone = new AbortController()
  const clips = house.frigate.household.events.filter(({ hasClip }) => hasClip)
  t.ok(clips.length > 4)
  const waiting = clips.map(({ id }) =>
    house
      .request(`/api/events/${id}/clip.mp4`, { method: 'HEAD', signal: gone.signal })
      .catch(() => 'aborted'),
  )
  await settled(() => house.app.clips.running === clips.length && house.frigate.answering === 4)
  t.equal(clipRequests(house), 4)
  gone.abort()
  await Promise.all(waiting)
  await settled(() => house.app.clips.running === 0 && house.frigate.answering === 0)
  t.equal(clipRequests(house), 4, 'who left before their turn was never asked for')
})

t.test('an abort before the headers of a forwarded clip would not reach Frigate', async t => {
  const house = await start(t, { version: '0.14' })
  await house.request(house.path, { method: 'HEAD' })
  house.frigate.delayMs = 60_000
  const before = clipRequests(house)
  const gone = new AbortController()
  const waiting = house.request(house.path, { signal: gone.signal }).catch(() => 'aborted')
  await settled(() => clipRequests(house) === before + 1)
  gone.abort()
  t.equal(await waiting, 'aborted')
  await settled(() => house.frigate.answering === 0)
})

t.test(
  'a clip that takes too long: HEAD and Range get a 503 with Retry-After, not an endless wait',
  async t => {
    const house = await start(t)
    house.frigate.clipPaused = true
    house.app.clips.waitMs = 100
    const plain = await house.request(house.path)
    t.equal(plain.status, 200, 'a plain GET has begun')
    for (const init of [{ method: 'HEAD' }, { headers: { range: 'bytes=0-1' } }]) {
      const reply = await house.request(house.path, init)
      t.equal(reply.status, 503)
      t.match(reply.headers.get('retry-after'), /^\d+$/)
    }
    await plain.body?.cancel()
    await settled(() => house.frigate.answering === 0)
  },
)

t.test('a clip that broke off would be kept for a whole one', async t => {
  const folder = temporary(t)
  const house = await start(t)
  const broken = join(folder, 'broken.mp4')
  const piece = house.upstream.subarray(0, Math.floor(house.upstream.length / 2))
  writeFileSync(broken, piece)
  const cut = await start(t, { media: { ...house.frigate.options.media, fragmented: broken } })
  const reply = await cut.request(cut.path)
  t.equal(sha(Buffer.from(await reply.arrayBuffer())), sha(asPlain(piece)), 'what there is of it plays')
  await settled(() => readdirSync(cut.cache).some(name => name.endsWith('.brief')))
  t.equal(readdirSync(cut.cache).length, 1)
})

t.test('CLIP_CACHE_MB too small for a clip: it would fail, or the disk fill up', async t => {
  const folder = temporary(t)
  const house = await start(t)
  const big = join(folder, 'big.mp4')
  makeLonger(house.frigate.options.media.clip, 5, big)
  const env = { CLIP_CACHE_MB: '1' }
  const full = await start(t, { media: { ...house.frigate.options.media, fragmented: big } }, env)
  const bodies = await Promise.all(
    Array.from({ length: 5 }, async () => Buffer.from(await (await full.request(full.path)).arrayBuffer())),
  )
  t.ok(bodies.every(body => sha(body) === sha(full.expected)))
  t.equal(clipRequests(full), 1, 'still one download')
  const ranged = await full.request(full.path, { headers: { range: 'bytes=10-19' } })
  t.equal(ranged.status, 200, 'the whole instead of a part')
  t.equal(sha(Buffer.from(await ranged.arrayBuffer())), sha(full.upstream), 'as Frigate gives it')
  await settled(() => readdirSync(full.cache).length === 0)
  t.equal(full.app.clips.storedBytes, 0)
})

t.test('a clip that finds no room: whoever comes late would get the end without the beginning', async t => {
  const big = join(temporary(t), 'big.mp4')
  const { media } = (await start(t)).frigate.options
  makeLonger(media.clip, 20, big)
  const full = await start(t, { media: { ...media, fragmented: big } }, { CLIP_CACHE_MB: '1' })
  const first = await full.request(full.path)
  await settled(() => full.app.clips.storedBytes > 500_000)
  const late = await Promise.all([full.request(full.path), full.request(full.path)])
  const [whole, ...others] = await Promise.all(
    [first, ...late].map(async reply => sha(Buffer.from(await reply.arrayBuffer()))),
  )
  t.equal(whole, sha(full.expected))
  for (const other of others) t.ok(other === whole || other === sha(full.upstream))
})

t.test('a cache that cannot be written to, or is off: clips stream as they come', async t => {
  const file = join(temporary(t), 'a-file')
  writeFileSync(file, '')
  for (const env of [{ CLIP_CACHE_MB: '0' }, { CLIP_CACHE_PATH: join(file, 'below') }]) {
    const { request, path, upstream } = await start(t, {}, env)
    const reply = await request(path)
    t.equal(reply.status, 200)
    t.equal(sha(Buffer.from(await reply.arrayBuffer())), sha(upstream))
    t.equal((await request(path, { method: 'HEAD' })).status, 200)
  }
})

t.test('clips would be fetched again after a restart', async t => {
  const first = await start(t)
  await (await first.request(first.path)).arrayBuffer()
  await settled(() => readdirSync(first.cache).some(name => name.endsWith('.mp4')))
  await first.app.close()
  const { household } = first.frigate.options
  const second = await start(t, { household }, { CLIP_CACHE_PATH: first.cache })
  const reply = await second.request(first.path, { headers: { range: 'bytes=0-' } })
  t.equal(reply.status, 206)
  t.equal(sha(Buffer.from(await reply.arrayBuffer())), sha(first.expected))
  t.equal(clipRequests(second), 0)
})

t.test('a clip that is in the cache would need Frigate', async t => {
  const house = await start(t)
  t.equal((await house.request(house.path, { method: 'HEAD' })).status, 200)
  await house.frigate.stop()
  t.equal((await house.request(house.path, { headers: { range: 'bytes=0-9' } })).status, 206)
  const other = house.frigate.household.events[2]?.id
  const gone = await house.request(`/api/events/${other}/clip.mp4`)
  t.equal(gone.status, 502)
})

t.test('a guest would get a clip of another camera; one without a clip is a 404', async t => {
  const house = await start(t)
  const { request } = await house.guest('Front_Door')
  const reply = await request(house.path)
  t.equal(reply.status, 404)
  t.equal(clipRequests(house), 0)
  const none = await house.request('/api/events/1700000000.123456-abcdef/clip.mp4')
  t.equal(none.status, 404)
  t.equal((await fetch(`${house.origin}${house.path}`)).status, 401)
})

t.test('a camera that is taken away: its clip would play on', async t => {
  const house = await start(t)
  house.frigate.clipPaused = true
  const guest = await house.guest('Driveway')
  const reply = await guest.request(house.path)
  t.equal(reply.status, 200)
  await house.admin.request(`/api/admin/users/${guest.user.id}/cameras`, {
    method: 'PUT',
    body: { mode: 'custom', cameras: ['Front_Door'] },
  })
  await t.rejects(reply.arrayBuffer(), 'cut off')
  await settled(() => house.frigate.answering === 0)
})

t.test('the server would not close while a clip plays', async t => {
  const house = await start(t)
  house.frigate.clipPaused = true
  const reply = await house.request(house.path)
  const body = reply.arrayBuffer().catch(() => 'cut')
  await house.app.close()
  t.equal(await body, 'cut')
  t.equal(statSync(house.cache).isDirectory(), true)
})
