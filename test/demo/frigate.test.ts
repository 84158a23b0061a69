import t from 'tap'
import { BUNDLED_CAMERAS } from '../../demo/footage/bundled.ts'
import { Frigate } from '../../demo/frigate/frigate.ts'

interface Event {
  readonly id: string
  readonly camera: string
  readonly start_time: number
}

t.test(
  'the demo has cameras, events with pictures and clips, and recordings, in the shapes of Frigate',
  async t => {
    const frigate = new Frigate()
    await frigate.start()
    t.teardown(() => frigate.stop())
    const get = (path: string) => fetch(`${frigate.origin}${path}`)
    const json = async <T>(path: string) => (await (await get(path)).json()) as T

    const { cameras } = await json<{ cameras: object }>('/api/config')
    t.same(Object.keys(cameras), BUNDLED_CAMERAS)
    t.match(cameras, { Garden: { live: { streams: { Garden: 'Garden' } }, zones: { Garden: {} } } })

    const events = await json<Event[]>('/api/events?include_thumbnails=0&limit=5')
    t.equal(events.length, 5)
    t.same(
      events,
      events.toSorted((a, b) => b.start_time - a.start_time),
    )
    const garden = await json<Event[]>('/api/events?cameras=Garden')
    t.ok(garden.length > 5 && garden.every(({ camera }) => camera === 'Garden'))
    t.same(await json(`/api/events?before=${garden[3]?.start_time}&camera=Garden&limit=1`), [garden[4]])

    const picture = await get(`/api/events/${events[0]?.id}/snapshot.jpg`)
    t.equal(Buffer.from(await picture.arrayBuffer()).toString('hex', 0, 3), 'ffd8ff')
    const clip = await get(`/api/events/${events[0]?.id}/clip.mp4`)
    t.equal(clip.headers.get('content-length'), null)
    t.equal(Buffer.from(await clip.arrayBuffer()).toString('latin1', 4, 8), 'ftyp')
    t.equal((await get('/api/Garage/latest.jpg?height=360')).headers.get('content-type'), 'image/jpeg')
    t.match(await json('/api/Garage/recordings?after=1000&before=1030'), [
      { start_time: 1000, end_time: 1010 },
      { start_time: 1010 },
      { start_time: 1020, end_time: 1030 },
    ])
    for (const path of ['/api/Nobody/latest.jpg', '/api/events/1.0-x/clip.mp4', '/api/nothing']) {
      t.equal((await get(path)).status, 404, path)
    }
  },
)
