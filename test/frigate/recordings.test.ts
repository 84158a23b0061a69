import t from 'tap'
import type { FrigateVersion } from '../../demo/frigate/shapes.ts'
import { startHouse } from '../support/house.ts'

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
