import t, { type Test } from 'tap'
import { synthetic } from '../../demo/footage/synthetic.ts'
import { bundledStreams } from '../../demo/go2rtc/cameras.ts'
import type { Go2rtc } from '../../demo/go2rtc/go2rtc.ts'
import { startBuiltLive, startBuiltWhole } from '../support/built-house.ts'
import { startBuiltHouse } from '../support/built-server.ts'
import { TestPlayer } from '../support/live-server.ts'
import { startSlowFrigate } from '../support/slow-frigate.ts'
import { until } from '../support/until.ts'
import { newUser, type SignedIn } from '../support/users.ts'

/** Live video, a picture, and a list of cameras that go2rtc has been asked for meanwhile. */
async function isServed(t: Test, go2rtc: Go2rtc, origin: string, user: SignedIn): Promise<void> {
  const lists = () => go2rtc.requests.filter(({ url }) => url === '/api/streams').length
  const before = lists()
  await until(async () => {
    t.equal((await user.request('/api/go2rtc/streams')).status, 200, 'the list of streams')
    await new Promise(resolve => setTimeout(resolve, 500))
    return lists() > before
  })
  t.equal((await user.request('/api/cameras')).status, 200, 'the list of cameras')
  t.equal((await user.request('/api/camera/Garden/snapshot')).status, 200, 'a picture of a camera')
  t.equal((await user.request('/api/go2rtc/frame.jpeg?src=Garden')).status, 200, 'a picture of a stream')
  const player = await new TestPlayer(`${origin}/api/ws?src=Garden&token=${user.token}`).opened()
  player.say('mse', 'avc1.640029,mp4a.40.2')
  await until(() => player.media.length > 2)
  player.ws.terminate()
}

t.test('one user’s readers of motion JPEG must not switch live video off for others', async t => {
  const { go2rtc, origin, admin: user, held } = await startBuiltLive(t)
  const other = await newUser(origin, user, 'other')
  const stop = new AbortController()
  const read = (reader: SignedIn) =>
    fetch(`${origin}/api/go2rtc/stream.mjpeg?src=Garage`, { headers: reader.headers, signal: stop.signal })
  const replies = await Promise.all(Array.from({ length: 100 }, () => read(user)))
  const refused = replies.filter(({ status }) => status === 503)
  t.equal(replies.filter(({ status }) => status === 200).length, 56, 'all but the reserve')
  t.equal(refused.length, 44)
  t.ok(Number(refused[0]!.headers.get('retry-after')) > 0)
  t.match(await refused[0]!.json(), { code: 'PASSTHROUGH_BUSY', error: /Too many/ })

  await isServed(t, go2rtc, origin, other)
  const theirs = await read(other)
  t.equal(theirs.status, 200)
  t.ok((await theirs.body!.getReader().read()).value!.length > 0)
  stop.abort()
  await until(() => go2rtc.stream('Garage').consumers.size === 0)
  await until(async () => (await held()).open['media pages'] === undefined)
})

t.test('clients that leave while a camera has no picture must not use up what others need', async t => {
  const { go2rtc, origin, admin: user } = await startBuiltLive(t)
  const other = await newUser(origin, user, 'other')
  go2rtc.isSilent = url => url === '/api/frame.jpeg?src=Garage'
  const asked = () => go2rtc.requests.filter(({ url }) => url === '/api/frame.jpeg?src=Garage').length
  const left = Array.from({ length: 90 }, () =>
    fetch(`${origin}/api/go2rtc/frame.jpeg?src=Garage`, {
      headers: user.headers,
      signal: AbortSignal.timeout(200),
    }).then(
      () => 'answered',
      () => 'left',
    ),
  )
  t.same(new Set(await Promise.all(left)), new Set(['left']))
  t.equal(asked(), 1, 'go2rtc is asked once, and that request goes on: an aborted one leaks a consumer there')
  await isServed(t, go2rtc, origin, other)
})

t.test('a picture that many want at once must not be taken for each of them', async t => {
  const { go2rtc, admin: user } = await startBuiltLive(t)
  const replies = await Promise.all(
    Array.from({ length: 50 }, () => user.request('/api/go2rtc/frame.jpeg?src=Garage')),
  )
  for (const reply of replies) t.equal(reply.status, 200)
  const taken = go2rtc.requests.filter(({ url }) => url.startsWith('/api/frame.jpeg')).length
  t.ok(taken < 10, `${taken} pictures: one a second at most`)
})

t.test('one user must not have all pictures that may be taken at once', async t => {
  const dark = Array.from({ length: 40 }, (_, i) => `Dark${i}`)
  const streams = { ...bundledStreams(), ...Object.fromEntries(dark.map(name => [name, [synthetic()]])) }
  const { go2rtc, origin, admin: user } = await startBuiltLive(t, { streams })
  const other = await newUser(origin, user, 'other')
  go2rtc.isSilent = url => url.startsWith('/api/frame.jpeg?src=Dark')
  const stop = new AbortController()
  const statuses: number[] = []
  for (const name of dark)
    fetch(`${origin}/api/go2rtc/frame.jpeg?src=${name}`, { headers: user.headers, signal: stop.signal }).then(
      ({ status }) => statuses.push(status),
      () => {},
    )
  await until(() => statuses.length === 12)
  t.same(new Set(statuses), new Set([503]))
  t.equal(go2rtc.requests.filter(({ url }) => url.includes('src=Dark')).length, 28, 'all but the reserve')
  await isServed(t, go2rtc, origin, other)
  stop.abort()
})

t.test(
  'requests that Frigate does not answer must not keep its configuration and pictures waiting',
  async t => {
    const frigate = await startSlowFrigate(t, url => (url.startsWith('/api/events') ? undefined : '[]'))
    const { origin, admin: user, held } = await startBuiltHouse(t, { FRIGATE_HOST: frigate.origin })
    const other = await newUser(origin, user, 'other')
    const stop = new AbortController()
    const replies: Response[] = []
    for (let i = 0; i < 150; i++)
      fetch(`${origin}/api/events`, { headers: user.headers, signal: stop.signal }).then(
        reply => replies.push(reply),
        () => {},
      )
    await until(() => replies.length === 38)
    t.equal(replies[0]!.status, 200, 'the page needs a list')
    t.match(replies[0]!.headers.get('x-upstream-error'), /Too many requests wait/)

    t.equal((await other.request('/api/frigate/cameras')).status, 200)
    t.match(await (await other.request('/api/cameras')).json(), { stale: false, cameras: [{ id: 'Garden' }] })
    t.equal((await other.request('/api/camera/Garden/snapshot')).status, 200)
    t.equal((await other.request('/api/review')).status, 200, 'a list')
    t.equal(frigate.open.size <= 4, true, 'lists are asked for on connections of their own')

    stop.abort()
    await until(() => frigate.open.size === 0)
    await until(async () => (await held()).open['requests to Frigate'] === undefined)
  },
)

t.test('a client that leaves before Frigate has answered must not leave a request behind', async t => {
  const frigate = await startSlowFrigate(t, () => undefined)
  const { origin, admin } = await startBuiltHouse(t, { FRIGATE_HOST: frigate.origin })
  for (const path of [
    '/api/events',
    '/api/events/summary',
    '/api/review',
    '/api/exports',
    '/api/recordings/Garden',
    '/api/recordings/Garden/summary',
    '/api/recordings/Garden/vod.m3u8?after=1&before=2',
  ])
    await t.test(path, async () => {
      const leaving = new AbortController()
      const asked = fetch(origin + path, { headers: admin.headers, signal: leaving.signal })
      asked.catch(() => {})
      await until(() => frigate.open.size === 1)
      leaving.abort()
      await until(() => frigate.open.size === 0)
    })
})

t.test('the upstreams must still be asked what they were', async t => {
  const { admin } = await startBuiltWhole(t)
  const events = (await (await admin.request('/api/events')).json()) as { id: string }[]
  t.ok(events.length > 0)
  t.equal((await admin.request(`/api/events/${events[0]!.id}/snapshot.jpg`)).status, 200)
  t.equal((await admin.request('/api/events/summary')).status, 200)
})
