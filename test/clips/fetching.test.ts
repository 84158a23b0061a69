import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { clipRequests, sha, startClips } from '../support/clips.ts'
import { asPlain } from '../support/plain-mp4.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { until } from '../support/until.ts'

t.test('fifty clients would download a clip fifty times', async t => {
  const house = await startClips(t)
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

t.test('a clip that no one waits for any more would still be fetched', async t => {
  const house = await startClips(t)
  house.frigate.delayMs = 300
  await house.request('/api/events')
  const gone = new AbortController()
  const waiting = [{}, { method: 'HEAD' }, { headers: { range: 'bytes=0-1' } }].map(init =>
    house.request(house.path, { ...init, signal: gone.signal }).catch(() => 'aborted'),
  )
  await until(() => clipRequests(house) === 1)
  gone.abort()
  t.same(await Promise.all(waiting), ['aborted', 'aborted', 'aborted'])
  await until(() => house.frigate.answering === 0)
  await until(() => readdirSync(house.cache).length === 0)
  house.frigate.delayMs = 0
  const again = await house.request(house.path)
  t.equal(sha(Buffer.from(await again.arrayBuffer())), sha(house.expected), 'and the next one gets it')
})

t.test('many clips at once would start as many programs of Frigate', async t => {
  const house = await startClips(t)
  house.frigate.clipPaused = true
  const gone = new AbortController()
  const clips = house.frigate.household.events.filter(({ hasClip }) => hasClip)
  t.ok(clips.length > 4)
  const waiting = clips.map(({ id }) =>
    house
      .request(`/api/events/${id}/clip.mp4`, { method: 'HEAD', signal: gone.signal })
      .catch(() => 'aborted'),
  )
  await until(() => house.app.clips.running === clips.length && house.frigate.answering === 4)
  t.equal(clipRequests(house), 4)
  gone.abort()
  await Promise.all(waiting)
  await until(() => house.app.clips.running === 0 && house.frigate.answering === 0)
  t.equal(clipRequests(house), 4, 'who left before their turn was never asked for')
})

t.test('an abort before the headers of a forwarded clip would not reach Frigate', async t => {
  const house = await startClips(t, { version: '0.14' })
  await house.request(house.path, { method: 'HEAD' })
  house.frigate.delayMs = 60_000
  const before = clipRequests(house)
  const gone = new AbortController()
  const waiting = house.request(house.path, { signal: gone.signal }).catch(() => 'aborted')
  await until(() => clipRequests(house) === before + 1)
  gone.abort()
  t.equal(await waiting, 'aborted')
  await until(() => house.frigate.answering === 0)
})

t.test(
  'a clip that takes too long: HEAD and Range get a 503 with Retry-After, not an endless wait',
  async t => {
    const house = await startClips(t)
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
    await until(() => house.frigate.answering === 0)
  },
)

t.test('a clip that broke off would be kept for a whole one', async t => {
  const folder = await temporaryFolder(t)
  const house = await startClips(t)
  const broken = join(folder, 'broken.mp4')
  const piece = house.upstream.subarray(0, Math.floor(house.upstream.length / 2))
  writeFileSync(broken, piece)
  const cut = await startClips(t, { media: { ...house.frigate.options.media, fragmented: broken } })
  const reply = await cut.request(cut.path)
  t.equal(sha(Buffer.from(await reply.arrayBuffer())), sha(asPlain(piece)), 'what there is of it plays')
  await until(() => readdirSync(cut.cache).some(name => name.endsWith('.brief')))
  t.equal(readdirSync(cut.cache).length, 1)
})

t.test('Frigate ends in the midst of a clip: who waits for it would get a 500', async t => {
  const house = await startClips(t)
  house.frigate.clipPaused = true
  await house.request('/api/events')
  const waiting = [{ method: 'HEAD' }, { headers: { range: 'bytes=0-1' } }].map(init =>
    house.request(house.path, init),
  )
  await until(() => house.frigate.answering === 1)
  await house.frigate.stop()
  for (const reply of await Promise.all(waiting)) t.equal(reply.status, 502)
})
