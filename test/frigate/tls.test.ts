import t, { type Test } from 'tap'
import type { Identity } from '../../demo/loopback-server.ts'
import { Certificates } from '../support/certificates.ts'
import { startHouse } from '../support/house.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { until } from '../support/until.ts'

const login = { user: 'camgate', password: 'secret', lifeSeconds: 3600 }
const NAMES = 'IP:127.0.0.1'

/** Frigate's port 8971: TLS and a login. */
function start(t: Test, identity: Identity, ca: string | undefined, lifeSeconds = login.lifeSeconds) {
  return startHouse(
    t,
    { identity, login: { ...login, lifeSeconds } },
    { FRIGATE_USER: login.user, FRIGATE_PASSWORD: login.password, ...(ca ? { FRIGATE_CA: ca } : {}) },
  )
}

const certificates = async (t: Test) => new Certificates(await temporaryFolder(t))
const logins = (house: { frigate: { seen(path: RegExp): unknown[] } }) =>
  house.frigate.seen(/^\/api\/login/).length

t.test('FRIGATE_CA: a Frigate whose certificate it has signed would not be spoken to', async t => {
  const make = await certificates(t)
  const authority = make.ofItself('/CN=an authority of the house')
  const house = await start(t, make.signedBy(authority, NAMES), authority.path)
  const event = house.frigate.household.events[1]!
  for (const path of ['/api/cameras', '/api/review', `/api/events/${event.id}/clip.mp4`]) {
    const reply = await house.request(path)
    t.equal(reply.status, 200, path)
    await reply.arrayBuffer()
  }
  const gone = new AbortController()
  const stream = await house.request('/api/events/stream', { signal: gone.signal })
  await until(() => [...house.frigate.webSockets].length === 1)
  t.equal(stream.status, 200, 'live events come over TLS too')
  gone.abort()
  t.equal(logins(house), 1)
})

t.test('a Frigate that anybody could be would be told the password', async t => {
  const make = await certificates(t)
  const authority = make.ofItself('/CN=an authority of the house')
  const other = make.ofItself('/CN=somebody else')
  for (const [name, identity, ca] of [
    ['no FRIGATE_CA', make.signedBy(authority, NAMES), undefined],
    ['another authority', make.signedBy(authority, NAMES), other.path],
    ['a certificate of another host', make.signedBy(authority, 'DNS:elsewhere'), authority.path],
    ['one that has signed itself', make.ofItself('/CN=*'), authority.path],
  ] as const) {
    const house = await start(t, identity, ca)
    const reply = await house.request('/api/review')
    t.equal(reply.status, 502, name)
    t.match(await reply.json(), { code: 'FRIGATE_UNTRUSTED', error: /certificate.*FRIGATE_CA/ })
    const events = await house.request('/api/events')
    t.equal(events.status, 200)
    t.match(events.headers.get('x-upstream-error'), /certificate/)
    t.equal(house.frigate.requests.length, 0, 'nothing was sent to it')
  }
})

t.test('the certificate that Frigate makes for itself names no host: it could never be trusted', async t => {
  const own = (await certificates(t)).ofItself('/O=FRIGATE DEFAULT CERT/CN=*')
  const house = await start(t, own, own.path)
  t.equal((await house.request('/api/review')).status, 200)
})

t.test('an expired session would be used, or many ask for a new one at once', async t => {
  const make = await certificates(t)
  const authority = make.ofItself('/CN=an authority of the house')
  const house = await start(t, make.signedBy(authority, NAMES), authority.path, 2)
  const ask = async () => {
    const replies = await Promise.all(Array.from({ length: 20 }, () => house.request('/api/review')))
    t.ok(replies.every(({ status }) => status === 200))
  }
  await ask()
  t.equal(logins(house), 1, 'one login at a time')
  const first = Date.now()
  await until(() => Date.now() > first + 2000)
  await ask()
  t.equal(logins(house), 2)
  t.notOk(
    house.frigate.requests.some(
      ({ url, headers }) => !url.startsWith('/api/login') && !headers.authorization,
    ),
  )
})

t.test('Frigate down while one would log in: 502 with a sentence', async t => {
  const own = (await certificates(t)).ofItself('/CN=*')
  const house = await start(t, own, own.path)
  await house.frigate.stop()
  const reply = await house.request('/api/review')
  t.equal(reply.status, 502)
  t.match(await reply.json(), { code: 'FRIGATE_UNREACHABLE' })
  const events = await house.request('/api/events')
  t.equal(events.status, 200)
  t.match(events.headers.get('x-upstream-error'), /cannot be reached/)
})
