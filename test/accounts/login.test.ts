import { existsSync, readFileSync, statSync } from 'node:fs'
import t from 'tap'
import { startApp } from '../support/app.ts'
import { signIn } from '../support/sign-in.ts'

const json = { 'content-type': 'application/json' }

t.test('login answers what the PWA keeps, me what it shows, and after logout the token is dead', async t => {
  const { origin } = await startApp(t)
  const reply = await fetch(`${origin}/api/auth/login`, {
    method: 'POST',
    headers: json,
    body: JSON.stringify({ username: 'admin', password: 'Correct-Horse-7' }),
  })
  t.equal(reply.status, 200)
  const { token, user } = (await reply.json()) as { token: string; user: unknown }
  t.same(user, { id: 1, username: 'admin', is_admin: true, is_active: true })

  const headers = { ...json, authorization: `Bearer ${token}` }
  const me = await fetch(`${origin}/api/auth/me`, { headers })
  t.match(await me.json(), {
    user: {
      id: 1,
      username: 'admin',
      email: null,
      full_name: null,
      is_admin: true,
      is_active: true,
      created_at: /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/,
      last_login: /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/,
    },
  })

  const logout = await fetch(`${origin}/api/auth/logout`, { method: 'POST', headers })
  t.equal(logout.status, 200)
  t.match(await logout.json(), { message: String })
  const after = await fetch(`${origin}/api/auth/me`, { headers })
  t.equal(after.status, 401)
  t.match(await after.json(), { error: String, code: 'SESSION_ENDED', requestId: String })
})

t.test('a login without a name or a password is a 400 with a sentence, not a 401', async t => {
  const { origin } = await startApp(t)
  for (const body of ['', '{}', '{"username":"admin"}', '{"username":"","password":"x"}']) {
    const reply = await fetch(`${origin}/api/auth/login`, { method: 'POST', headers: json, body })
    t.equal(reply.status, 400, body)
    t.match(await reply.json(), { error: 'Username and password are required' })
  }
})

t.test('a wrong password and an unknown user get the same answer', async t => {
  const { origin } = await startApp(t)
  for (const username of ['admin', 'nobody']) {
    const reply = await fetch(`${origin}/api/auth/login`, {
      method: 'POST',
      headers: json,
      body: JSON.stringify({ username, password: 'wrong' }),
    })
    t.equal(reply.status, 401)
    t.match(await reply.json(), { error: 'Invalid credentials', code: 'INVALID_CREDENTIALS' })
  }
})

t.test('a token in the query counts on media routes only', async t => {
  const { origin } = await startApp(t)
  const { token } = await signIn(origin)
  const reply = await fetch(`${origin}/api/auth/me?token=${token}`)
  t.equal(reply.status, 401)
  t.match(await reply.json(), { error: 'Authentication required' })
})

t.test(
  'a restart keeps sessions alive: the signing key lies beside the database, for its owner only',
  async t => {
    const first = await startApp(t)
    const { token } = await signIn(first.origin)
    const path = first.app.config.accounts.databasePath
    t.equal(statSync(`${path}.key`).mode & 0o777, 0o600)
    await first.app.close()
    const second = await startApp(t, { DATABASE_PATH: path })
    const me = await fetch(`${second.origin}/api/auth/me`, { headers: { authorization: `Bearer ${token}` } })
    t.equal(me.status, 200)
  },
)

t.test('with SECRET_KEY set no key file is made', async t => {
  const { app, origin } = await startApp(t, {
    SECRET_KEY: '-----BEGIN PUBLIC KEY-----\n$%"\'\\ any character',
  })
  await signIn(origin)
  t.notOk(existsSync(`${app.config.accounts.databasePath}.key`))
  const without = await startApp(t)
  t.ok(existsSync(`${without.app.config.accounts.databasePath}.key`), 'without it there is one')
})

t.test('after a change of SECRET_KEY the previous one still verifies', async t => {
  const first = await startApp(t, { SECRET_KEY: 'the old one' })
  const { token } = await signIn(first.origin)
  const path = first.app.config.accounts.databasePath
  await first.app.close()
  const headers = { authorization: `Bearer ${token}` }
  const second = await startApp(t, {
    DATABASE_PATH: path,
    SECRET_KEY: 'the new one',
    SECRET_KEY_PREVIOUS: 'the old one',
  })
  t.equal((await fetch(`${second.origin}/api/auth/me`, { headers })).status, 200)
  await second.app.close()
  const third = await startApp(t, { DATABASE_PATH: path, SECRET_KEY: 'the new one' })
  t.equal((await fetch(`${third.origin}/api/auth/me`, { headers })).status, 401)
})

t.test('the placeholders of the old example files never become secrets', async t => {
  for (const name of ['SECRET_KEY', 'SECRET_KEY_PREVIOUS'])
    for (const value of [
      'your-secret-key-change-in-production',
      'your-secret-key-change-in-production-use-strong-random-string',
    ])
      await t.rejects(async () => startApp(t, { [name]: value }), {
        code: 'BAD_SETTING',
        message: new RegExp(`^${name}="${value}" is not usable: `),
      })
  await t.rejects(async () => startApp(t, { ADMIN_PASSWORD: 'change-this-secure-password' }), {
    code: 'BAD_SETTING',
    message: /^ADMIN_PASSWORD="change-this-secure-password" is not usable: /,
  })
})

t.test('a placeholder that would not be used does not stop the start', async t => {
  const first = await startApp(t)
  const path = first.app.config.accounts.databasePath
  await first.app.close()
  const { origin } = await startApp(t, {
    DATABASE_PATH: path,
    ADMIN_PASSWORD: 'change-this-secure-password',
  })
  await signIn(origin)
})

t.test('without ADMIN_PASSWORD one is made and printed once', async t => {
  const printed = t.capture(process.stderr, 'write', () => true)
  const first = await startApp(t, { ADMIN_PASSWORD: '' })
  const path = first.app.config.accounts.databasePath
  const lines = printed().map(call => String(call.args[0]))
  t.equal(lines.length, 1)
  const password = /password (\S+)\n$/.exec(lines[0] ?? '')?.[1] ?? ''
  t.ok(password.length >= 20)
  await signIn(first.origin, { username: 'admin', password })
  t.notOk(readFileSync(path).includes(password))
  await first.app.close()
  const again = await startApp(t, { DATABASE_PATH: path, ADMIN_PASSWORD: '' })
  t.equal(printed().length, 0)
  await signIn(again.origin, { username: 'admin', password })
})

t.test('a renamed admin is not made again under the old name', async t => {
  const first = await startApp(t)
  const path = first.app.config.accounts.databasePath
  await first.app.database.write(db => db.updateTable('users').set({ username: 'owner' }).execute())
  await first.app.close()
  const second = await startApp(t, { DATABASE_PATH: path })
  await t.rejects(signIn(second.origin), { message: /401/ })
  await signIn(second.origin, { username: 'owner', password: 'Correct-Horse-7' })
})
