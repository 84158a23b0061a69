import t from 'tap'
import { startHouse } from '../support/house.ts'
import { upgradeStatus } from '../support/live-server.ts'
import { signIn } from '../support/sign-in.ts'

type House = Awaited<ReturnType<typeof startHouse>>

async function mediaToken({ origin }: House, user: Awaited<ReturnType<typeof signIn>>, body: unknown) {
  const reply = await user.request('/api/auth/media-token', { method: 'POST', body })
  const { token, expires_in } = (await reply.json()) as { token: string; expires_in: number }
  const status = async (path: string, headers: Record<string, string> = {}) =>
    (await fetch(`${origin}${path}${path.includes('?') ? '&' : '?'}token=${token}`, { headers })).status
  return { reply, token, expires_in, status }
}

t.test('a media token opens its camera’s media and nothing else', async t => {
  const house = await startHouse(t)
  const { token, expires_in, status } = await mediaToken(house, house.admin, { camera: 'Front_Door' })
  t.equal(expires_in, 60)
  t.equal(await status('/api/camera/Front_Door/snapshot'), 200)
  t.equal(await status('/api/camera/Nursery/snapshot'), 404)
  t.equal(await status('/api/cameras'), 401)
  t.equal(await status('/api/auth/me'), 401)
  t.equal(
    (await fetch(`${house.origin}/api/cameras`, { headers: { authorization: `Bearer ${token}` } })).status,
    401,
  )
  const ws = `${house.origin}/api/ws?token=${token}&src=`
  t.equal(await upgradeStatus(`${ws}Nursery`), 404)
  t.equal(await upgradeStatus(`${ws}Driveway`), 404)
})

t.test('a media token dies with its session', async t => {
  const house = await startHouse(t)
  const user = await signIn(house.origin)
  const { status } = await mediaToken(house, user, { camera: 'Front_Door', ttl: 3600 })
  t.equal(await status('/api/camera/Front_Door/snapshot'), 200)
  await user.request('/api/auth/logout', { method: 'POST' })
  t.equal(await status('/api/camera/Front_Door/snapshot'), 401)
})

t.test('a media token lives no longer than its session', async t => {
  const house = await startHouse(t)
  const { expires_in } = await mediaToken(house, house.admin, { camera: 'Front_Door', ttl: 10 ** 9 })
  t.ok(expires_in > 86_000 && expires_in <= 86_400, `${expires_in} s`)
})

t.test('a media token for a camera that one may not see is refused like one that does not exist', async t => {
  const house = await startHouse(t)
  const guest = await house.guest('Front_Door')
  for (const camera of ['Nursery', 'Garage']) {
    const { reply } = await mediaToken(house, guest, { camera })
    t.equal(reply.status, 404)
  }
  t.equal((await mediaToken(house, guest, {})).reply.status, 400)
  t.equal((await mediaToken(house, guest, { camera: 'Front_Door', ttl: 0 })).reply.status, 400)
})

t.test('a player token opens its cameras for as long as it is not ended', async t => {
  const house = await startHouse(t)
  const { admin, origin } = house
  const made = await admin.request('/api/auth/player-tokens', {
    method: 'POST',
    body: { name: ' Kitchen tablet ', cameras: ['Front_Door', 'Driveway'] },
  })
  t.equal(made.status, 201)
  const { token, player_token } = (await made.json()) as { token: string; player_token: { id: string } }
  t.match(player_token, { name: 'Kitchen tablet', cameras: ['Front_Door', 'Driveway'], last_used: null })
  const status = async (path: string) => (await fetch(`${origin}${path}?token=${token}`)).status

  await admin.request('/api/auth/logout', { method: 'POST' })
  t.equal(await status('/api/camera/Front_Door/snapshot'), 200, 'it outlives the session that made it')
  t.equal(await status('/api/camera/Driveway/snapshot'), 200)
  t.equal(await status('/api/camera/Nursery/snapshot'), 404)
  t.equal(await status('/api/cameras'), 401)
  t.equal(
    (await fetch(`${origin}/api/auth/me`, { headers: { authorization: `Bearer ${token}` } })).status,
    401,
  )

  const again = await signIn(origin)
  await house.app.housekeeping.run()
  const listed = await (await again.request('/api/auth/player-tokens')).text()
  t.match(JSON.parse(listed), { player_tokens: [{ id: player_token.id, last_used: String }] })
  t.notMatch(listed, token)
  const ended = await again.request(`/api/auth/player-tokens/${player_token.id}`, { method: 'DELETE' })
  t.same(await ended.json(), { ended: true })
  t.equal(await status('/api/camera/Front_Door/snapshot'), 401)
})

t.test('a player token sees no more than its owner, at any moment', async t => {
  const house = await startHouse(t)
  const guest = await house.guest('Front_Door', 'Driveway')
  const create = (cameras: string[]) =>
    guest.request('/api/auth/player-tokens', { method: 'POST', body: { name: 'tablet', cameras } })
  t.equal((await create(['Nursery'])).status, 404)
  const { token } = (await (await create(['Front_Door', 'Driveway'])).json()) as { token: string }
  const status = async (camera: string) =>
    (await fetch(`${house.origin}/api/camera/${camera}/snapshot?token=${token}`)).status
  t.equal(await status('Driveway'), 200)
  await house.request(`/api/admin/users/${guest.user.id}/cameras`, {
    method: 'PUT',
    body: { mode: 'custom', cameras: ['Front_Door'] },
  })
  t.equal(await status('Driveway'), 404)
  t.equal(await status('Front_Door'), 200)
  await house.request(`/api/admin/users/${guest.user.id}/active`, {
    method: 'POST',
    body: { is_active: false },
  })
  t.equal(await status('Front_Door'), 403)
})

t.test('player tokens are named, chosen and counted', async t => {
  const { admin } = await startHouse(t)
  const create = (body: unknown) => admin.request('/api/auth/player-tokens', { method: 'POST', body })
  t.match(await (await create({ cameras: ['Front_Door'] })).json(), { error: 'A name is required' })
  t.match(await (await create({ name: 'x' })).json(), { error: 'Choose at least one camera' })
  for (let i = 0; i < 50; i++) await create({ name: `${i}`, cameras: ['Front_Door'] })
  t.equal((await create({ name: 'one more', cameras: ['Front_Door'] })).status, 409)
  t.equal((await admin.request('/api/auth/player-tokens/nothing', { method: 'DELETE' })).status, 404)
})
