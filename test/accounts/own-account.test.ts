import t from 'tap'
import { startApp } from '../support/app.ts'
import { signIn } from '../support/sign-in.ts'
import { newUser, PASSWORD } from '../support/users.ts'

t.test('change-username answers as the PWA expects and the session goes on under the new name', async t => {
  const { origin } = await startApp(t)
  const admin = await signIn(origin)
  const change = (body: unknown) => admin.request('/api/auth/change-username', { method: 'POST', body })
  const names = (current: string, next: string, confirm = next) => ({
    current_username: current,
    new_username: next,
    confirm_username: confirm,
  })
  await newUser(origin, admin, 'Kim')
  const cases: [unknown, number, string][] = [
    [{}, 400, 'All fields are required'],
    [names('admin', 'owner', 'other'), 400, 'The new usernames do not match'],
    [names('root', 'owner'), 400, 'The current username is not right'],
    [names('admin', 'ab'), 400, 'A username has 3 to 32 letters, digits, underscores or hyphens'],
    [names('admin', 'a b c'), 400, 'A username has 3 to 32 letters, digits, underscores or hyphens'],
    [names('admin', 'x'.repeat(33)), 400, 'A username has 3 to 32 letters, digits, underscores or hyphens'],
    [names('admin', 'kim'), 409, 'This username is taken'],
  ]
  for (const [body, status, error] of cases) {
    const reply = await change(body)
    t.equal(reply.status, status, error)
    t.match(await reply.json(), { error })
  }
  const reply = await change(names('admin', 'Åsa-Øst_9'))
  t.equal(reply.status, 200)
  t.same(await reply.json(), { changed: true, username: 'Åsa-Øst_9' })
  t.match(await (await admin.request('/api/auth/me')).json(), { user: { username: 'Åsa-Øst_9' } })
  await signIn(origin, { username: 'Åsa-Øst_9', password: 'Correct-Horse-7' })
})

t.test('change-password answers as the PWA expects', async t => {
  const { origin } = await startApp(t)
  const admin = await signIn(origin)
  const change = (current: string, next: string, confirm = next) =>
    admin.request('/api/auth/change-password', {
      method: 'POST',
      body: { current_password: current, new_password: next, confirm_password: confirm },
    })
  const cases: [Promise<Response>, string][] = [
    [admin.request('/api/auth/change-password', { method: 'POST' }), 'All fields are required'],
    [change('Correct-Horse-7', PASSWORD, 'other'), 'The new passwords do not match'],
    [change('wrong', PASSWORD), 'The current password is not right'],
    [change('Correct-Horse-7', 'short-A1'.slice(1)), 'A password has at least 8 characters'],
    [change('Correct-Horse-7', 'no-upper-case-1'), 'A password has at least 8 characters'],
    [change('Correct-Horse-7', 'NO-LOWER-CASE-1'), 'A password has at least 8 characters'],
    [change('Correct-Horse-7', 'No-Digit-At-All'), 'A password has at least 8 characters'],
    [change('Correct-Horse-7', 'NoSymbol123'), 'A password has at least 8 characters'],
    [change('Correct-Horse-7', `Aa1!${'é'.repeat(35)}`), 'A password has at most 72 bytes'],
  ]
  for (const [pending, error] of cases) {
    const reply = await pending
    t.equal(reply.status, 400, error)
    t.match(await reply.json(), { error: new RegExp(`^${error}`) })
  }
  const reply = await change('Correct-Horse-7', PASSWORD)
  t.equal(reply.status, 200)
  t.same(await reply.json(), { changed: true })
  await t.rejects(signIn(origin), { message: /401/ })
  await signIn(origin, { username: 'admin', password: PASSWORD })
})

t.test('a changed password ends the other sessions and keeps the one that changed it', async t => {
  const { origin } = await startApp(t)
  const [here, elsewhere] = [await signIn(origin), await signIn(origin)]
  await here.request('/api/auth/change-password', {
    method: 'POST',
    body: {
      current_password: 'Correct-Horse-7',
      new_password: PASSWORD,
      confirm_password: PASSWORD,
    },
  })
  t.equal((await here.request('/api/auth/me')).status, 200)
  t.equal((await elsewhere.request('/api/auth/me')).status, 401)
})

t.test('own sessions are listed with the current one marked, and one can be ended', async t => {
  const { origin } = await startApp(t)
  const [here, elsewhere] = [await signIn(origin), await signIn(origin)]
  const listed = (await (await here.request('/api/auth/sessions')).json()) as {
    sessions: { id: string; current: boolean }[]
  }
  t.equal(listed.sessions.length, 2)
  t.match(listed.sessions[0], {
    created_at: String,
    expires_at: String,
    last_seen: String,
    ip_address: '127.0.0.1',
  })
  const other = listed.sessions.find(session => !session.current)
  const ended = await here.request(`/api/auth/sessions/${other?.id}`, { method: 'DELETE' })
  t.same(await ended.json(), { ended: true })
  t.equal((await elsewhere.request('/api/auth/me')).status, 401)
  t.equal((await here.request('/api/auth/me')).status, 200)
  t.equal((await here.request(`/api/auth/sessions/${other?.id}`, { method: 'DELETE' })).status, 404)
})

t.test('nobody but an administrator ends another user’s session', async t => {
  const { origin } = await startApp(t)
  const admin = await signIn(origin)
  const kim = await newUser(origin, admin, 'kim')
  const idOf = async (path: string) => {
    const { sessions } = (await (await admin.request(path)).json()) as { sessions: { id: string }[] }
    return sessions[0]?.id
  }
  const adminSession = await idOf('/api/auth/sessions')
  t.equal((await kim.request(`/api/auth/sessions/${adminSession}`, { method: 'DELETE' })).status, 404)
  t.equal((await admin.request('/api/auth/me')).status, 200)
  const kimSession = await idOf(`/api/admin/users/${kim.user.id}/sessions`)
  t.equal((await admin.request(`/api/auth/sessions/${kimSession}`, { method: 'DELETE' })).status, 200)
  t.equal((await kim.request('/api/auth/me')).status, 401)
})

t.test('last_login changes at login, not at every request', async t => {
  const { app, origin } = await startApp(t)
  const admin = await signIn(origin)
  await app.database.write(db => db.updateTable('users').set({ last_login: '2020-01-01 00:00:00' }).execute())
  for (let i = 0; i < 3; i++) await admin.request('/api/auth/sessions')
  const { last_login } = await app.database.read(db =>
    db.selectFrom('users').select('last_login').executeTakeFirstOrThrow(),
  )
  t.equal(last_login, '2020-01-01 00:00:00')
  await signIn(origin)
  t.match(await (await admin.request('/api/auth/me')).json(), { user: { last_login: /^20(?!20)/ } })
})

t.test('a client that never logs out does not fill the sessions table', async t => {
  const { app, origin } = await startApp(t)
  const first = await signIn(origin)
  for (let i = 0; i < 100; i++) await signIn(origin)
  const { count } = await app.database.read(db =>
    db.selectFrom('sessions').select(db.fn.countAll<number>().as('count')).executeTakeFirstOrThrow(),
  )
  t.equal(count, 100)
  t.equal((await first.request('/api/auth/me')).status, 401)
})
