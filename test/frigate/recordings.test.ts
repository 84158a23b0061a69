import t from 'tap'
import type { FrigateVersion } from '../../demo/frigate/shapes.ts'
import { startHouse } from '../support/house.ts'
import { serverBefore } from '../support/scripted-server.ts'

const VERSIONS: readonly FrigateVersion[] = ['0.14', '0.15', '0.16', '0.17']

for (const version of VERSIONS) {
  t.test(`${version}: recordings without times would be those of before Frigate started`, async t => {
    const { request, frigate } = await startHouse(t, { version })
    const reply = await request('/api/frigate/recordings/Driveway')
    const recordings = (await reply.json()) as Record<string, number>[]
    t.ok(recordings.length >= 359, 'the last hour')
    for (const recording of recordings) {
      t.equal(recording.file_size, Math.round((recording.segment_size ?? 0) * 1024 * 1024))
      t.equal(recording.duration, 10)
      t.ok((recording.start_time ?? 0) < (recording.end_time ?? 0))
    }
    t.match(frigate.seen(/recordings/)[0]?.url, /after=[\d.]+&before=[\d.]+/)
    const summary = await (await request('/api/recordings/Driveway/summary?timezone=Europe/Vienna')).json()
    t.match(summary, [{ day: String, hours: [{ hour: String, duration: Number }] }])
  })
}

t.test('a time range is kept, one that is too long is refused', async t => {
  const { request, frigate } = await startHouse(t)
  const now = Math.floor(Date.now() / 1000)
  const reply = await request(`/api/recordings/Driveway?after=${now - 600}&before=${now - 300}`)
  t.ok(((await reply.json()) as unknown[]).length <= 32)
  const before = frigate.requests.length
  for (const query of ['after=0', 'after=x', `after=0&before=${now}`]) {
    const refused = await request(`/api/recordings/Driveway?${query}`)
    t.equal(refused.status, 400, query)
    t.match(await refused.json(), { error: String })
  }
  t.equal(frigate.requests.length, before)
})

t.test('the calls that the client has and never makes are a JSON 404', async t => {
  const { request } = await startHouse(t)
  for (const tail of ['latest', 'recent', 'buffer', 'list']) {
    const reply = await request(`/api/frigate/recordings/Driveway/${tail}`)
    t.equal(reply.status, 404)
    t.match(await reply.json(), { error: String })
  }
})

t.test('a guest would get recordings, reviews or exports of another camera', async t => {
  const { guest, frigate } = await startHouse(t)
  const { request } = await guest('Driveway')
  t.equal((await request('/api/recordings/Driveway')).status, 200)
  for (const path of [
    '/api/recordings/Nursery',
    '/api/frigate/recordings/Nursery',
    '/api/recordings/Nursery/summary',
  ])
    t.equal((await request(path)).status, 404, path)
  for (const path of ['/api/review', '/api/review?cameras=Driveway,Nursery', '/api/exports']) {
    const items = (await (await request(path)).json()) as { camera: string }[]
    t.ok(items.length > 0, path)
    t.ok(
      items.every(({ camera }) => camera === 'Driveway'),
      path,
    )
  }
  t.same(await (await request('/api/review?cameras=Nursery')).json(), [])
  const foreign = frigate.household.reviews.find(({ camera }) => camera === 'Nursery')!
  const viewed = await request('/api/reviews/viewed', { method: 'POST', body: { ids: [foreign.id] } })
  t.equal(viewed.status, 404)
  t.equal((await request(`/api/review/${foreign.id}/viewed`, { method: 'DELETE' })).status, 404)
  t.equal(frigate.seen(/viewed/).length, 0)
})

for (const version of VERSIONS) {
  t.test(`${version}: a review item is marked as viewed and back`, async t => {
    const { request, frigate } = await startHouse(t, { version })
    const [item] = (await (await request('/api/review?limit=1&severity=alert')).json()) as { id: string }[]
    const ids = [item!.id]
    t.equal((await request('/api/reviews/viewed', { method: 'POST', body: { ids } })).status, 200)
    t.same([...frigate.reviewed], ids)
    const seen = (await (await request('/api/review?reviewed=1')).json()) as { id: string }[]
    t.same(
      seen.map(({ id }) => id),
      ids,
    )
    t.equal((await request(`/api/review/${ids[0]}/viewed`, { method: 'DELETE' })).status, 200)
    t.equal(frigate.reviewed.size, 0)
    t.equal((await request('/api/reviews/viewed', { method: 'POST', body: { ids: [] } })).status, 400)
  })
}

t.test('the day on which the clocks go back must be a day, and one hour more must be none', async t => {
  const { request } = await startHouse(t)
  const vienna = { after: Date.UTC(2026, 9, 24, 22) / 1000, before: Date.UTC(2026, 9, 25, 23) / 1000 }
  const played = (after: number, before: number) =>
    request(`/api/recordings/Driveway/vod.m3u8?after=${after}&before=${before}`)
  const listed = (after: number, before: number) =>
    request(`/api/recordings/Driveway?after=${after}&before=${before}`)
  t.equal((await played(vienna.after, vienna.before)).status, 200)
  t.equal((await played(vienna.after, vienna.before + 1)).status, 400)
  t.equal(
    (await listed(vienna.after - 24 * 3600, vienna.before)).status,
    200,
    'nor does the day before change it',
  )
  t.equal((await listed(vienna.after - 24 * 3600, vienna.before + 1)).status, 400)
})

t.test('recordings with a map of motion in each row must be listed without it', async t => {
  const heatmap = Object.fromEntries(Array.from({ length: 256 }, (_, cell) => [`${(cell * 7) % 256}`, cell]))
  const row = (index: number) => ({
    id: `${index}.0-abcdef`,
    start_time: index * 10,
    end_time: index * 10 + 10,
    segment_size: 4.5,
    motion: 123,
    objects: 2,
    motion_heatmap: index % 2 === 0 ? heatmap : null,
    duration: 10,
  })
  const rows = JSON.stringify(Array.from({ length: 17_280 }, (_, index) => row(index)))
  const user = await serverBefore(t, { '/api/Driveway/recordings': rows })
  const reply = await user.request('/api/recordings/Driveway?after=0&before=172800')
  t.equal(reply.status, 200)
  const listed = (await reply.json()) as Record<string, unknown>[]
  t.equal(listed.length, 17_280)
  t.same(listed[2], {
    id: '2.0-abcdef',
    start_time: 20,
    end_time: 30,
    segment_size: 4.5,
    motion: 123,
    objects: 2,
    duration: 10,
    file_size: 4_718_592,
  })
})

t.test('an odd row must leave itself out, and not the list', async t => {
  const good = { id: '1.5-a', camera: 'Driveway', label: 'car', start_time: 1, end_time: 2 }
  const odd = [null, 7, [], { ...good, start_time: 'x' }, { ...good, id: 7 }, { ...good, camera: null }]
  const large = { ...good, data: 'x'.repeat(300_000) }
  const many = { ...good, data: Array.from({ length: 30_000 }, () => ({})) }
  const list = (...more: object[]) => JSON.stringify([good, ...odd, large, many, ...more])
  const user = await serverBefore(t, {
    '/api/events': list({ ...good, id: '2.5-b' }),
    '/api/review': list({ ...good, id: '2.5-b' }),
    '/api/exports': list({ ...good, id: '2.5-b' }),
    '/api/Driveway/recordings': list({ ...good, id: '2.5-b' }),
  })
  for (const path of ['/api/events', '/api/review', '/api/exports', '/api/recordings/Driveway']) {
    const reply = await user.request(path)
    const ids = ((await reply.json()) as { id: unknown }[]).map(({ id }) => id)
    t.equal(ids[0], '1.5-a', path)
    t.equal(ids.at(-1), '2.5-b', path)
    t.ok(ids.length < 6, `${path}: ${ids}`)
  }
})
