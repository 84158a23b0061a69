import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import t from 'tap'
import type { FrigateVersion } from '../../demo/frigate/shapes.ts'
import { startHouse } from '../support/house.ts'

interface Event {
  readonly id: string
  readonly camera: string
  readonly thumbnail?: string
}
const VERSIONS: readonly FrigateVersion[] = ['0.14', '0.15', '0.16', '0.17']

for (const version of VERSIONS) {
  t.test(`${version}: events come through under both addresses, without thumbnails`, async t => {
    const { request, frigate } = await startHouse(t, { version })
    for (const path of ['/api/events', '/api/frigate/events']) {
      const reply = await request(`${path}?limit=5&t=1`)
      const events = (await reply.json()) as Event[]
      t.equal(reply.status, 200)
      t.same(
        events.map(({ id }) => id),
        frigate.household.events.slice(0, 5).map(({ id }) => id),
      )
      t.notOk(events.some(event => 'thumbnail' in event))
      t.match(events[0], { end_time: null, data: { score: Number }, zones: Array })
    }
    const [asked] = frigate.seen(/^\/api\/events\?/)
    t.match(asked?.url, /limit=5/)
    t.match(asked?.url, /include_thumbnails=0/)
    t.notMatch(asked?.url, /[?&]t=/)
  })

  t.test(`${version}: the latest event of each zone comes in the order asked`, async t => {
    const { request, frigate } = await startHouse(t, { version })
    const latest = (zone: string) => frigate.household.events.find(({ zones }) => zones.includes(zone))!
    const ofZone = (zone: string) => {
      const { id, camera, label, startTime } = latest(zone)
      return { zone, id, camera, label, time: startTime }
    }
    t.same(await (await request('/api/events/summary')).json(), {
      items: [ofZone('Driveway'), ofZone('Front_Door')],
    })
    t.same(await (await request('/api/events/summary?zones=Cot,None,Porch')).json(), {
      items: [ofZone('Cot'), ofZone('Porch')],
    })
  })

  t.test(`${version}: pictures of ended events are immutable and private, others are not kept`, async t => {
    const { request, frigate } = await startHouse(t, { version })
    const [going, ended] = frigate.household.events
    for (const kind of ['snapshot', 'thumbnail']) {
      const path = `/api/events/${ended?.id}/${kind}.jpg`
      const reply = await request(path)
      t.equal(reply.status, 200)
      t.equal(reply.headers.get('content-type'), 'image/jpeg')
      t.equal(reply.headers.get('cache-control'), 'private, max-age=31536000, immutable')
      const etag = reply.headers.get('etag') ?? ''
      const before = frigate.requests.length
      const again = await request(path, { headers: { 'if-none-match': etag } })
      t.equal(again.status, 304)
      t.equal(again.headers.get('etag'), etag)
      t.equal(frigate.requests.length, before, 'Frigate is not asked')
      const ongoing = await request(`/api/events/${going?.id}/${kind}.jpg`)
      t.match(ongoing.headers.get('cache-control'), /private, no-cache/)
    }
  })
}

t.test('a guest would get events of other cameras, or fewer than there are', async t => {
  const { guest, frigate } = await startHouse(t)
  const { request } = await guest('Driveway')
  const expected = frigate.household.events.filter(({ camera }) => camera === 'Driveway').map(({ id }) => id)
  const ids = async (path: string) => ((await (await request(path)).json()) as Event[]).map(({ id }) => id)
  t.same(await ids('/api/events?limit=5'), expected.slice(0, 5), 'filtered before paging')
  t.match(frigate.seen(/^\/api\/events\?/).at(-1)?.url, /cameras=Driveway&|cameras=Driveway$/)
  t.same(await ids('/api/events?camera=Nursery'), [])
  t.same(await ids('/api/events?cameras=Nursery,Driveway&limit=1'), expected.slice(0, 1))
  t.same(await ids('/api/events?camera=all&limit=1'), expected.slice(0, 1))
  t.same(await (await request('/api/events/summary?zones=Cot,Driveway')).json(), {
    items: [{ zone: 'Driveway', id: expected[0], camera: 'Driveway', label: String, time: Number }].map(
      item => ({ ...item, label: 'car', time: frigate.household.events[1]?.startTime }),
    ),
  })
  t.notOk(
    frigate.seen(/^\/api\/events\?/).some(({ url }) => /Nursery/.test(url)),
    'never asked for',
  )
})

t.test('a guest would get a picture of an event of another camera', async t => {
  const { guest, frigate } = await startHouse(t)
  const { request } = await guest('Driveway')
  const foreign = frigate.household.events.find(({ camera }) => camera === 'Nursery')!
  for (const path of [`/api/events/${foreign.id}/snapshot.jpg`, `/api/events/${foreign.id}/thumbnail.jpg`]) {
    const reply = await request(path)
    t.equal(reply.status, 404)
    t.match(await reply.json(), { code: 'EVENT_NOT_FOUND' }, 'as an event that is not there')
  }
  t.equal(frigate.seen(/\.jpg/).length, 0)
  const none = await request('/api/events/1700000000.123456-abcdef/snapshot.jpg')
  t.equal(none.status, 404)
})

t.test('an id would lead somewhere else in Frigate', async t => {
  const { admin, origin, frigate } = await startHouse(t)
  const ids = [
    '..',
    '.',
    '..%2Fconfig',
    '%2e%2e%2f',
    '%2e%2e%2fconfig',
    '..%252fconfig',
    'id%3Fx=',
    'id%23x',
    'a%2Fb',
    'a%5Cb',
    'a%00b',
    'a%0D%0AHost:x',
    '%C3%A9',
    'a..b',
    'x'.repeat(65),
    'x'.repeat(10_000),
  ]
  const before = frigate.requests.length
  const tails = ['/snapshot.jpg', '/thumbnail.jpg']
  for (const id of ids) {
    for (const tail of tails) {
      const { status, body } = await raw(origin, `/api/events/${id}${tail}`, admin.token)
      t.equal(status, 400, id.slice(0, 20))
      t.match(JSON.parse(body), { error: String, code: String })
    }
    const unviewed = await raw(origin, `/api/review/${id}/viewed`, admin.token, 'DELETE')
    t.equal(unviewed.status, 400, id.slice(0, 20))
  }
  t.equal((await raw(origin, '/api/events/id?x=/snapshot.jpg', admin.token)).status, 404)
  t.equal((await raw(origin, '/api/events/../config', admin.token)).status, 404)
  t.equal(frigate.requests.length, before, 'nothing reached Frigate')
})

t.test('bad filters are answered by what is wrong, not by Frigate', async t => {
  const { request, frigate } = await startHouse(t)
  const before = frigate.requests.length
  for (const query of ['limit=abc', 'limit=0', 'limit=100000', 'before=soon', 'has_clip=2', 'sort=name']) {
    const reply = await request(`/api/events?${query}`)
    t.equal(reply.status, 400, query)
  }
  t.equal(frigate.requests.length, before)
})

t.test('Frigate down: lists are empty with a reason, pictures and recordings are a 502', async t => {
  const { request, frigate } = await startHouse(t)
  t.equal((await request('/api/cameras')).status, 200)
  const [event] = frigate.household.events
  await frigate.stop()
  for (const [path, empty] of [
    ['/api/events', []],
    ['/api/frigate/events', []],
    ['/api/events/summary', { items: [] }],
  ] as const) {
    const reply = await request(path)
    t.equal(reply.status, 200, path)
    t.same(await reply.json(), empty)
    t.match(reply.headers.get('x-upstream-error'), /Frigate cannot be reached/)
  }
  for (const path of [
    `/api/events/${event?.id}/snapshot.jpg`,
    '/api/frigate/recordings/Driveway',
    '/api/recordings/Driveway/summary',
    '/api/review',
    '/api/exports',
  ]) {
    const reply = await request(path)
    t.equal(reply.status, 502, path)
    t.match(await reply.json(), { error: /Frigate cannot be reached/, code: 'FRIGATE_UNREACHABLE' })
  }
})

t.test('nonsense from Frigate would come through, or be a 500', async t => {
  const { request, frigate } = await startHouse(t)
  frigate.failWith = 500
  const events = await request('/api/events')
  t.equal(events.status, 200)
  t.match(events.headers.get('x-upstream-error'), /status 500/)
  t.equal((await request('/api/review')).status, 502)
})

/** As bytes: fetch() would put the path right before it sends it. */
async function raw(origin: string, path: string, token: string, method = 'GET') {
  const { hostname, port } = new URL(origin)
  const socket = connect(Number(port), hostname)
  socket.write(
    `${method} ${path} HTTP/1.1\r\nhost: ${hostname}\r\nauthorization: Bearer ${token}\r\nconnection: close\r\n\r\n`,
  )
  const reply = await text(socket)
  const [head = '', body = ''] = reply.split('\r\n\r\n')
  return { status: Number(head.split(' ')[1]), body }
}
