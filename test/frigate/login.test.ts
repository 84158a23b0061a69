import t from 'tap'
import { startHouse } from '../support/house.ts'

const login = { user: 'camgate', password: 'sëcret/of:frigate', lifeSeconds: 3600 }
const env = { FRIGATE_USER: login.user, FRIGATE_PASSWORD: login.password }
const logins = (house: { frigate: { seen(path: RegExp): unknown[] } }) =>
  house.frigate.seen(/^\/api\/login/).length

t.test('the authenticated port: everything works, with one login for all', async t => {
  const house = await startHouse(t, { login }, env)
  const [event] = house.frigate.household.events.slice(1)
  const paths = [
    '/api/cameras',
    '/api/events?limit=1',
    '/api/camera/Driveway/snapshot',
    `/api/events/${event?.id}/snapshot.jpg`,
    `/api/events/${event?.id}/clip.mp4`,
    `/api/events/${event?.id}/clip.m3u8`,
    '/api/recordings/Driveway',
    '/api/review',
  ]
  const replies = await Promise.all(paths.map(path => house.request(path)))
  t.same(
    replies.map(({ status }) => status),
    paths.map(() => 200),
  )
  t.equal(replies[1]?.headers.get('x-upstream-error'), null)
  await Promise.all(replies.map(reply => reply.arrayBuffer()))
  t.equal(logins(house), 1)
  const asked = house.frigate.requests.filter(({ url }) => !url.startsWith('/api/login'))
  t.ok(asked.every(({ headers }) => headers.authorization?.startsWith('Bearer ') && !headers.cookie))
  t.notOk(
    asked.some(({ headers }) => headers.authorization?.includes(house.admin.token)),
    'not our token',
  )
})

t.test('a session would be used until Frigate refuses it', async t => {
  const house = await startHouse(t, { login: { ...login, lifeSeconds: 2 } }, env)
  const until = Date.now() + 5000
  while (Date.now() < until) {
    const reply = await house.request('/api/review')
    t.equal(reply.status, 200)
    await new Promise(resolve => setTimeout(resolve, 200))
  }
  t.ok(logins(house) >= 2, 'renewed before it ended')
})

t.test('Frigate restarted with another key: the token is refused, and a new login made', async t => {
  const house = await startHouse(t, { login }, env)
  t.equal((await house.request('/api/review')).status, 200)
  house.frigate.forgetLogins()
  t.equal((await house.request('/api/review')).status, 200)
  t.equal(logins(house), 2)
})

t.test('a wrong password: one attempt, a clear sentence, and no storm of logins', async t => {
  const house = await startHouse(t, { login }, { ...env, FRIGATE_PASSWORD: 'wrong' })
  for (let i = 0; i < 5; i++) {
    const reply = await house.request('/api/review')
    t.equal(reply.status, 502)
    t.match(await reply.json(), { code: 'FRIGATE_LOGIN_FAILED', error: /FRIGATE_USER/ })
  }
  t.equal(logins(house), 1)
  const events = await house.request('/api/events')
  t.equal(events.status, 200)
  t.match(events.headers.get('x-upstream-error'), /FRIGATE_PASSWORD/)
})
