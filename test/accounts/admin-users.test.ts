import t from 'tap'
import { startApp } from '../support/app.ts'
import { signIn } from '../support/sign-in.ts'
import { newUser, PASSWORD } from '../support/users.ts'

t.test('administration answers others with a 403, and nobody with a 401', async t => {
  const { origin } = await startApp(t)
  const kim = await newUser(origin, await signIn(origin), 'kim')
  for (const path of [
    '/api/admin/users',
    '/api/admin/audit',
    '/api/admin/security/blocked-ips',
    '/api/admin/security/login-attempts',
  ]) {
    const reply = await kim.request(path)
    t.equal(reply.status, 403, path)
    t.match(await reply.json(), { error: 'Admin access required' })
    t.equal((await fetch(origin + path)).status, 401, path)
  }
})

t.test('users are listed by name whatever its case, without hashes and emails', async t => {
  const { origin } = await startApp(t)
  const admin = await signIn(origin)
  for (const name of ['zoe', 'Bea', 'carl']) await newUser(origin, admin, name)
  const { users } = (await (await admin.request('/api/admin/users')).json()) as {
    users: { username: string }[]
  }
  t.same(
    users.map(user => user.username),
    ['admin', 'Bea', 'carl', 'zoe'],
  )
  t.same(Object.keys(users[0]!).sort(), [
    'created_at',
    'id',
    'is_active',
    'is_admin',
    'last_login',
    'username',
  ])
})

t.test('creating a user answers 201, and 400 or 409 with a sentence', async t => {
  const { origin } = await startApp(t)
  const admin = await signIn(origin)
  const create = (body: unknown) => admin.request('/api/admin/users', { method: 'POST', body })
  const made = await create({ username: 'kim', password: PASSWORD, is_admin: false })
  t.equal(made.status, 201)
  t.same(await made.json(), { created: true, user: { id: 2, username: 'kim', is_admin: false } })
  const cases: [unknown, number, RegExp][] = [
    [{}, 400, /^Username and password are required/],
    [{ username: 'KIM', password: PASSWORD }, 409, /^This username is taken/],
    [{ username: 'k m', password: PASSWORD }, 400, /^A username has 3 to 32/],
    [{ username: 'kate', password: 'weak' }, 400, /^A password has at least 8/],
  ]
  for (const [body, status, error] of cases) {
    const reply = await create(body)
    t.equal(reply.status, status, String(error))
    t.match(await reply.json(), { error })
  }
})

t.test('a disabled user can log in and reach me, logout and health, and nothing else', async t => {
  const { origin } = await startApp(t)
  const admin = await signIn(origin)
  const kim = await newUser(origin, admin, 'kim')
  const active = (is_active: boolean) =>
    admin.request(`/api/admin/users/${kim.user.id}/active`, { method: 'POST', body: { is_active } })
  t.same(await (await active(false)).json(), { updated: true, is_active: false })

  for (const session of [kim, await signIn(origin, { username: 'kim', password: PASSWORD })]) {
    t.match(await (await session.request('/api/auth/me')).json(), { user: { is_active: false } })
    const refused = await session.request('/api/auth/sessions')
    t.equal(refused.status, 403)
    t.match(await refused.json(), { error: 'Account disabled', disabled: true })
    t.equal((await session.request('/health')).status, 200)
  }
  t.equal((await kim.request('/api/auth/logout', { method: 'POST' })).status, 200)

  t.same(await (await active(true)).json(), { updated: true, is_active: true })
  t.equal((await signIn(origin, { username: 'kim', password: PASSWORD })).user.id, kim.user.id)
})

t.test('disabling oneself or an administrator is a 400, an unknown user a 404', async t => {
  const { origin } = await startApp(t)
  const admin = await signIn(origin)
  const second = await newUser(origin, admin, 'second', true)
  const disable = (id: number | string, body: unknown = { is_active: false }) =>
    admin.request(`/api/admin/users/${id}/active`, { method: 'POST', body })
  t.match(await (await disable(admin.user.id)).json(), { code: 'NOT_ONESELF' })
  t.equal((await disable(admin.user.id)).status, 400)
  t.equal((await disable(second.user.id)).status, 400)
  t.equal((await disable(99)).status, 404)
  t.equal((await disable('nobody')).status, 400)
  t.equal((await disable(second.user.id, {})).status, 400)
})

t.test('the last active administrator cannot be demoted, disabled or deleted', async t => {
  const { origin } = await startApp(t)
  const admin = await signIn(origin)
  const own = `/api/admin/users/${admin.user.id}`
  t.equal((await admin.request(own, { method: 'PATCH', body: { is_admin: false } })).status, 409)
  t.equal((await admin.request(own, { method: 'DELETE' })).status, 400)

  const second = await newUser(origin, admin, 'second', true)
  const [a, b] = await Promise.all([
    admin.request(`/api/admin/users/${second.user.id}`, { method: 'PATCH', body: { is_admin: false } }),
    second.request(own, { method: 'PATCH', body: { is_admin: false } }),
  ])
  t.same([a.status, b.status].filter(status => status === 200).length, 1, 'of two at once one is refused')
})

t.test('a lowered role acts at once', async t => {
  const { origin } = await startApp(t)
  const admin = await signIn(origin)
  const second = await newUser(origin, admin, 'second', true)
  t.equal((await second.request('/api/admin/users')).status, 200)
  const reply = await admin.request(`/api/admin/users/${second.user.id}`, {
    method: 'PATCH',
    body: { is_admin: false, email: 'second@example.org', full_name: '' },
  })
  t.match(await reply.json(), { user: { is_admin: false, email: 'second@example.org', full_name: null } })
  t.equal((await second.request('/api/admin/users')).status, 403)
})

t.test('a deleted user is out at once', async t => {
  const { origin } = await startApp(t)
  const admin = await signIn(origin)
  const kim = await newUser(origin, admin, 'kim')
  t.equal((await kim.request('/api/auth/me')).status, 200)
  const path = `/api/admin/users/${kim.user.id}`
  t.same(await (await admin.request(path, { method: 'DELETE' })).json(), { deleted: true })
  t.equal((await kim.request('/api/auth/me')).status, 401)
  t.equal((await admin.request(path, { method: 'DELETE' })).status, 404)
  await t.rejects(signIn(origin, { username: 'kim', password: PASSWORD }), { message: /401/ })
})

t.test('a reset password ends the sessions and player tokens of the user', async t => {
  const { app, origin } = await startApp(t)
  const admin = await signIn(origin)
  const kim = await newUser(origin, admin, 'kim')
  await kim.request('/api/auth/player-tokens', {
    method: 'POST',
    body: { name: 'tablet', cameras: ['Door'] },
  })
  const reset = (new_password: string) =>
    admin.request(`/api/admin/users/${kim.user.id}/password`, { method: 'POST', body: { new_password } })
  t.equal((await reset('weak')).status, 400)
  t.same(await (await reset('Another-Pass-9')).json(), { changed: true })
  t.equal((await kim.request('/api/auth/me')).status, 401)
  await signIn(origin, { username: 'kim', password: 'Another-Pass-9' })
  t.same(await app.database.read(db => app.playerTokens.list(db, kim.user.id)), [])
})

t.test('cameras of a user: all by default, a chosen set when told', async t => {
  const { origin } = await startApp(t)
  const admin = await signIn(origin)
  const kim = await newUser(origin, admin, 'kim')
  const path = `/api/admin/users/${kim.user.id}/cameras`
  t.same(await (await admin.request(path)).json(), { mode: 'all', cameras: [] })
  const custom = { mode: 'custom', cameras: ['Driveway', 'Front_Door'] }
  t.same(await (await admin.request(path, { method: 'PUT', body: custom })).json(), custom)
  t.same(await (await admin.request(path)).json(), custom)
  const none = { mode: 'custom', cameras: [] }
  await admin.request(path, { method: 'PUT', body: none })
  t.same(await (await admin.request(path)).json(), none)
  await admin.request(path, { method: 'PUT', body: { mode: 'all', cameras: ['Driveway'] } })
  t.same(await (await admin.request(path)).json(), { mode: 'all', cameras: [] })
  t.equal((await admin.request(path, { method: 'PUT', body: { mode: 'some', cameras: [] } })).status, 400)
  t.equal((await admin.request('/api/admin/users/99/cameras')).status, 404)
})

t.test('every administrative act is in the audit log, paged and filterable', async t => {
  const { origin } = await startApp(t)
  const admin = await signIn(origin)
  const kim = await newUser(origin, admin, 'kim')
  const path = `/api/admin/users/${kim.user.id}`
  await admin.request(path, { method: 'PATCH', body: { full_name: 'Kim' } })
  await admin.request(`${path}/cameras`, { method: 'PUT', body: { mode: 'custom', cameras: ['Door'] } })
  await admin.request(`${path}/active`, { method: 'POST', body: { is_active: false } })
  await admin.request(`${path}/active`, { method: 'POST', body: { is_active: true } })
  await admin.request(`${path}/password`, { method: 'POST', body: { new_password: PASSWORD } })
  await admin.request(path, { method: 'DELETE' })

  type Page = {
    entries: { id: number; action: string; actor: string; target: string }[]
    next: number | null
  }
  const read = async (query: string) =>
    (await (await admin.request(`/api/admin/audit${query}`)).json()) as Page
  const { entries } = await read('')
  t.same(
    entries.map(entry => entry.action),
    [
      'user.deleted',
      'user.password_reset',
      'user.enabled',
      'user.disabled',
      'user.cameras',
      'user.updated',
      'login',
      'user.created',
      'login',
    ],
  )
  t.match(entries[0], { actor: 'admin', target: 'kim', ip_address: '127.0.0.1' })
  t.notMatch(JSON.stringify(entries), PASSWORD)

  const filtered = await read('?action=login&actor=kim')
  t.equal(filtered.entries.length, 1)
  const first = await read('?limit=5')
  const second = await read(`?limit=5&before=${first.next}`)
  t.same([...first.entries, ...second.entries], entries)
  t.equal(second.next, null)
})
