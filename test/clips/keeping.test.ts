import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { clipRequests, sha, startClips } from '../support/clips.ts'
import { makeLonger } from '../support/frigate-media.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { until } from '../support/until.ts'

t.test('CLIP_CACHE_MB too small for a clip: it would fail, or the disk fill up', async t => {
  const folder = await temporaryFolder(t)
  const house = await startClips(t)
  const big = join(folder, 'big.mp4')
  makeLonger(house.frigate.options.media.clip, 5, big)
  const env = { CLIP_CACHE_MB: '1' }
  const full = await startClips(t, { media: { ...house.frigate.options.media, fragmented: big } }, env)
  const bodies = await Promise.all(
    Array.from({ length: 5 }, async () => Buffer.from(await (await full.request(full.path)).arrayBuffer())),
  )
  t.ok(bodies.every(body => sha(body) === sha(full.expected)))
  t.equal(clipRequests(full), 1, 'still one download')
  const ranged = await full.request(full.path, { headers: { range: 'bytes=10-19' } })
  t.equal(ranged.status, 200, 'the whole instead of a part')
  t.equal(sha(Buffer.from(await ranged.arrayBuffer())), sha(full.upstream), 'as Frigate gives it')
  await until(() => readdirSync(full.cache).length === 0)
  t.equal(full.app.clips.storedBytes, 0)
})

t.test('a clip that finds no room: whoever comes late would get the end without the beginning', async t => {
  const big = join(await temporaryFolder(t), 'big.mp4')
  const { media } = (await startClips(t)).frigate.options
  makeLonger(media.clip, 20, big)
  const full = await startClips(t, { media: { ...media, fragmented: big } }, { CLIP_CACHE_MB: '1' })
  const first = await full.request(full.path)
  await until(() => full.app.clips.storedBytes > 500_000)
  const late = await Promise.all([full.request(full.path), full.request(full.path)])
  const [whole, ...others] = await Promise.all(
    [first, ...late].map(async reply => sha(Buffer.from(await reply.arrayBuffer()))),
  )
  t.equal(whole, sha(full.expected))
  for (const other of others) t.ok(other === whole || other === sha(full.upstream))
})

t.test('a cache that cannot be written to, or is off: clips stream as they come', async t => {
  const file = join(await temporaryFolder(t), 'a-file')
  writeFileSync(file, '')
  for (const env of [{ CLIP_CACHE_MB: '0' }, { CLIP_CACHE_PATH: join(file, 'below') }]) {
    const { request, path, upstream } = await startClips(t, {}, env)
    const reply = await request(path)
    t.equal(reply.status, 200)
    t.equal(sha(Buffer.from(await reply.arrayBuffer())), sha(upstream))
    t.equal((await request(path, { method: 'HEAD' })).status, 200)
  }
})

t.test('clips would be fetched again after a restart', async t => {
  const first = await startClips(t)
  await (await first.request(first.path)).arrayBuffer()
  await until(() => readdirSync(first.cache).some(name => name.endsWith('.mp4')))
  await first.app.close()
  const { household } = first.frigate.options
  const second = await startClips(t, { household }, { CLIP_CACHE_PATH: first.cache })
  const reply = await second.request(first.path, { headers: { range: 'bytes=0-' } })
  t.equal(reply.status, 206)
  t.equal(sha(Buffer.from(await reply.arrayBuffer())), sha(first.expected))
  t.equal(clipRequests(second), 0)
})

t.test('a clip that is in the cache would need Frigate', async t => {
  const house = await startClips(t)
  t.equal((await house.request(house.path, { method: 'HEAD' })).status, 200)
  await house.frigate.stop()
  t.equal((await house.request(house.path, { headers: { range: 'bytes=0-9' } })).status, 206)
  const other = house.frigate.household.events[2]?.id
  const gone = await house.request(`/api/events/${other}/clip.mp4`)
  t.equal(gone.status, 502)
})
