import { readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { boxes } from '../../demo/fmp4/boxes.ts'
import { type Household, sampleHousehold } from '../../demo/frigate/household.ts'
import { clipRequests, sha, startClips } from '../support/clips.ts'
import { CAMERAS } from '../support/frigate.ts'
import { asPlain } from '../support/plain-mp4.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { until } from '../support/until.ts'

/** The recordings of the cameras up to a time. */
function recordedUntil(household: Household, end: number): Household['recordings'] {
  return household.recordings.filter(({ startTime, duration }) => startTime + duration <= end)
}

/** A house whose event ended so many seconds ago, and whose clip is what `give` has written. */
async function startGrowing(t: Test, { endedAgo, recorded }: { endedAgo: number; recorded: boolean }) {
  const file = join(await temporaryFolder(t), 'growing.mp4')
  writeFileSync(file, '')
  const sample = sampleHousehold(CAMERAS)
  const endTime = Math.floor(Date.now() / 1000) - endedAgo
  const [first, second, ...rest] = sample.events
  const household = {
    ...sample,
    events: [first!, { ...second!, startTime: endTime - 12, endTime }, ...rest],
    recordings: recorded ? sample.recordings : recordedUntil(sample, endTime - 5),
  }
  const { media } = (await startClips(t)).frigate.options
  const house = await startClips(t, { household, media: { ...media, fragmented: file } })
  house.app.clips.keepGrowingMs = 50
  const whole = (await startClips(t)).upstream
  const fragments = boxes(whole).filter(({ type }) => type === 'moof')
  const index = whole.subarray(boxes(whole).find(({ type }) => type === 'mfra')!.start)
  return {
    ...house,
    /** The clip with so many of its fragments, as Frigate gives it: in good order. */
    give: (count = fragments.length) => {
      const clip =
        count >= fragments.length ? whole : Buffer.concat([whole.subarray(0, fragments[count]!.start), index])
      writeFileSync(file, clip)
      return sha(asPlain(clip))
    },
    empty: () => writeFileSync(file, ''),
    get: async (headers: Record<string, string> = {}) => {
      const reply = await house.request(house.path, { headers })
      const body = Buffer.from(await reply.arrayBuffer())
      return { status: reply.status, sha: sha(body), text: body.toString('latin1') }
    },
    kept: () => readdirSync(house.cache).filter(name => name.endsWith('.final.mp4')).length,
  }
}

t.test('a clip that is fetched just after its event has ended must not stay short', async t => {
  const house = await startGrowing(t, { endedAgo: 2, recorded: false })
  const short = house.give(4)
  t.match(await house.get(), { status: 200, sha: short })
  const long = house.give()
  await until(async () => (await house.get()).sha === long)
  t.equal(house.kept(), 0, 'nor is it kept for good as long as its recordings are not there')
})

t.test('a clip must be kept when its recordings are there, or two minutes have passed', async t => {
  for (const of of [
    { endedAgo: 20, recorded: true },
    { endedAgo: 130, recorded: false },
  ]) {
    const house = await startGrowing(t, of)
    const digest = house.give()
    t.match(await house.get(), { status: 200, sha: digest })
    await until(() => house.kept() === 1)
    t.match(await house.get({ range: 'bytes=0-' }), { status: 206, sha: digest })
    t.equal(clipRequests(house), 1)
  }
})

t.test('a clip without a picture must be a 404 with a sentence, and not be kept', async t => {
  const house = await startGrowing(t, { endedAgo: 130, recorded: true })
  const headers: Record<string, string>[] = [{}, { range: 'bytes=0-1' }]
  for (const write of [house.empty, () => house.give(0)]) {
    write()
    for (const header of headers) {
      const { status, text } = await house.get(header)
      t.equal(status, 404)
      t.match(JSON.parse(text), { code: 'CLIP_EMPTY', error: /Nothing is recorded of this event/ })
    }
    t.equal((await house.request(house.path, { method: 'HEAD' })).status, 404)
  }
  const digest = house.give()
  t.match(await house.get(), { status: 200, sha: digest }, 'at once when there is one')
  await until(() => readdirSync(house.cache).length === 1)
})

t.test('a clip that is handed on as it comes must not be an empty 200', async t => {
  const file = join(await temporaryFolder(t), 'empty.mp4')
  writeFileSync(file, '')
  const { media } = (await startClips(t)).frigate.options
  const empty = { ...media, fragmented: file, clip: file }
  for (const [options, env] of [
    [{ media: empty, version: '0.14' }, {}],
    [{ media: empty }, { CLIP_CACHE_MB: '0' }],
  ] as const) {
    const { request, path } = await startClips(t, options, env)
    const reply = await request(path)
    t.equal(reply.status, 404)
    t.match(await reply.json(), { code: 'CLIP_EMPTY' })
  }
})

t.test('a kept clip that somebody has deleted, or cut, must be fetched again', async t => {
  for (const harm of [(file: string) => rmSync(file), (file: string) => truncateSync(file, 1000)]) {
    const house = await startClips(t)
    await (await house.request(house.path)).arrayBuffer()
    await until(() => readdirSync(house.cache).some(name => name.endsWith('.final.mp4')))
    const [name = ''] = readdirSync(house.cache)
    harm(join(house.cache, name))
    for (const headers of [{ range: 'bytes=0-' }, {}]) {
      const reply = await house.request(house.path, { headers: { ...headers } })
      t.ok(reply.ok, `${reply.status}`)
      t.equal(sha(Buffer.from(await reply.arrayBuffer())), sha(house.expected))
    }
    t.equal(clipRequests(house), 2)
    t.equal(house.app.clips.storedBytes, house.expected.length)
  }
})

t.test('clips that an earlier version has kept must not be taken for whole', async t => {
  const cache = await temporaryFolder(t)
  const household = sampleHousehold(CAMERAS)
  writeFileSync(join(cache, `${household.events[1]!.id}~abcdefghijklmnopqrstuvwxyz0.mp4`), 'short')
  const house = await startClips(t, { household }, { CLIP_CACHE_PATH: cache })
  const reply = await house.request(house.path)
  t.equal(sha(Buffer.from(await reply.arrayBuffer())), sha(house.expected))
})
