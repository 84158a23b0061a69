import { once } from 'node:events'
import { request } from 'node:http'
import t, { type Test } from 'tap'
import { startHouse } from '../support/house.ts'
import { TestPlayer } from '../support/live-server.ts'
import { signIn } from '../support/sign-in.ts'
import { until } from '../support/until.ts'
import { newUser, PASSWORD, type SignedIn } from '../support/users.ts'

type House = Awaited<ReturnType<typeof startHouse>>

/** What somebody has running: a WebSocket, an endless MP4 and motion pictures of one stream. */
async function watching(t: Test, { origin, app }: House, token: string, stream: string) {
  const before = app.viewers.size
  const player = await new TestPlayer(`${origin}/api/ws?src=${stream}&token=${token}`).opened()
  player.say('mse', 'avc1.640029,mp4a.40.2')
  const replies = await Promise.all(
    [`/api/go2rtc/mse/${stream}?`, `/api/go2rtc/stream.mjpeg?src=${stream}&`].map(path =>
      endless(t, `${origin}${path}token=${token}`),
    ),
  )
  await until(() => app.viewers.size === before + 3)
  t.teardown(() => player.ws.terminate())
  return { player, ended: () => player.closed !== undefined && replies.every(reply => reply.ended()) }
}

async function endless(t: Test, url: string) {
  const sent = request(url).end()
  t.teardown(() => sent.destroy())
  sent.on('error', () => {})
  const [reply] = await once(sent, 'response')
  t.equal(reply.statusCode, 200, url.replace(/token=.*/, ''))
  let ended = false
  reply.on('close', () => {
    ended = true
  })
  reply.on('error', () => {})
  reply.resume()
  return { ended: () => ended }
}

/** Whatever ends a user's right to watch, and what must go on meanwhile. */
const ways: Record<string, (house: House, user: SignedIn) => Promise<Response>> = {
  'logging out': (_, user) => user.request('/api/auth/logout', { method: 'POST' }),
  'ending the session from elsewhere': async ({ origin }, user) => {
    const elsewhere = await signIn(origin, { username: 'kim', password: PASSWORD })
    const { sessions } = (await (await elsewhere.request('/api/auth/sessions')).json()) as {
      sessions: { id: string; current: boolean }[]
    }
    const id = sessions.find(session => !session.current)?.id
    t.equal((await user.request('/api/auth/me')).status, 200)
    return elsewhere.request(`/api/auth/sessions/${id}`, { method: 'DELETE' })
  },
  'a password changed elsewhere': async ({ origin }) => {
    const elsewhere = await signIn(origin, { username: 'kim', password: PASSWORD })
    return elsewhere.request('/api/auth/change-password', {
      method: 'POST',
      body: { current_password: PASSWORD, new_password: 'New-Pass-77', confirm_password: 'New-Pass-77' },
    })
  },
  'a reset password': ({ admin }, { user }) =>
    admin.request(`/api/admin/users/${user.id}/password`, {
      method: 'POST',
      body: { new_password: 'New-Pass-77' },
    }),
  'disabling the user': ({ admin }, { user }) =>
    admin.request(`/api/admin/users/${user.id}/active`, { method: 'POST', body: { is_active: false } }),
  'deleting the user': ({ admin }, { user }) =>
    admin.request(`/api/admin/users/${user.id}`, { method: 'DELETE' }),
  'taking the camera away': ({ admin }, { user }) =>
    admin.request(`/api/admin/users/${user.id}/cameras`, {
      method: 'PUT',
      body: { mode: 'custom', cameras: ['Nursery'] },
    }),
}

for (const [way, end] of Object.entries(ways))
  t.test(`${way} leaves no stream of the user running, and every other`, async t => {
    const house = await startHouse(t)
    const kim = await newUser(house.origin, house.admin, 'kim')
    const theirs = await watching(t, house, kim.token, 'Front_Door')
    const other = await watching(t, house, house.admin.token, 'Front_Door')
    const started = performance.now()
    t.equal((await end(house, kim)).status, 200)
    await until(theirs.ended)
    t.comment(`ended after ${Math.round(performance.now() - started)} ms`)
    t.equal(other.ended(), false)
    t.equal(house.app.viewers.size, 3)
    t.notSame(theirs.player.closed?.code, 1006, 'the player is told, not just cut off')
  })

t.test('streams of cameras that a user keeps go on when another is taken away', async t => {
  const house = await startHouse(t)
  const kim = await newUser(house.origin, house.admin, 'kim')
  const kept = await watching(t, house, kim.token, 'Front_Door')
  const lost = await watching(t, house, kim.token, 'Driveway')
  await house.request(`/api/admin/users/${kim.user.id}/cameras`, {
    method: 'PUT',
    body: { mode: 'custom', cameras: ['Front_Door'] },
  })
  await until(lost.ended)
  t.equal(kept.ended(), false)
})

t.test('an ended player token and a media token of an ended session leave nothing running', async t => {
  const house = await startHouse(t)
  const kim = await newUser(house.origin, house.admin, 'kim')
  const made = await kim.request('/api/auth/player-tokens', {
    method: 'POST',
    body: { name: 'tablet', cameras: ['Front_Door'] },
  })
  const player = (await made.json()) as { token: string; player_token: { id: string } }
  const issued = await kim.request('/api/auth/media-token', {
    method: 'POST',
    body: { camera: 'Front_Door', ttl: 600 },
  })
  const media = (await issued.json()) as { token: string }
  const byPlayer = await watching(t, house, player.token, 'Front_Door')
  const byMedia = await watching(t, house, media.token, 'Front_Door')
  await kim.request(`/api/auth/player-tokens/${player.player_token.id}`, { method: 'DELETE' })
  await until(byPlayer.ended)
  t.equal(byMedia.ended(), false)
  await kim.request('/api/auth/logout', { method: 'POST' })
  await until(byMedia.ended)
})

t.test('a session whose time is up ends what runs on it', async t => {
  const house = await startHouse(t)
  const kim = await newUser(house.origin, house.admin, 'kim')
  const theirs = await watching(t, house, kim.token, 'Front_Door')
  house.app.revocation.expire(Date.now() + 23 * 3_600_000)
  t.equal(theirs.ended(), false)
  house.app.revocation.expire(Date.now() + 25 * 3_600_000)
  await until(theirs.ended)
})

t.test('rights that are taken away while a stream is being opened end it too', async t => {
  const { app, origin, admin } = await startHouse(t)
  const kim = await newUser(origin, admin, 'kim')
  const session = await app.sessions.find(kim.token)
  await admin.request(`/api/admin/users/${kim.user.id}/active`, {
    method: 'POST',
    body: { is_active: false },
  })
  let reason: string | undefined
  app.viewers.add({
    identity: session!.identity,
    kind: 'mp4',
    camera: 'Front_Door',
    end: why => {
      reason = why
    },
  })
  await until(() => reason !== undefined)
  t.equal(reason, 'revoked')
})
