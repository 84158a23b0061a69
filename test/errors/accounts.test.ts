import { join } from 'node:path'
import t from 'tap'
import { openDatabase } from '../../src/database/file/open.ts'
import { startApp } from '../support/app.ts'
import { signIn } from '../support/sign-in.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { newUser, PASSWORD, type SignedIn } from '../support/users.ts'

const STRONG = 'Another-Staple-9'

type Case = readonly [method: string, path: string, body: unknown, status: number, code: string]

async function answers(t: Parameters<typeof startApp>[0], by: SignedIn, cases: readonly Case[]) {
  for (const [method, path, body, status, code] of cases) {
    const reply = await by.request(path, { method, ...(method === 'GET' ? {} : { body }) })
    const answer = (await reply.json()) as { error: string; code: string; requestId: string }
    t.same([reply.status, answer.code], [status, code], `${method} ${path} ${JSON.stringify(body)}`)
    t.ok(answer.error.length > 3 && answer.requestId, answer.error)
  }
}

t.test('what is wrong with an account of one’s own must not be told with another code', async t => {
  const { origin } = await startApp(t)
  const admin = await signIn(origin)
  const { request, ...rest } = await newUser(origin, admin, 'guest')
  const name = (current: string, next: string, again = next) => ({
    current_username: current,
    new_username: next,
    confirm_username: again,
  })
  const password = (current: string, next: string, again = next) => ({
    current_password: current,
    new_password: next,
    confirm_password: again,
  })
  const [username, pass, tokens] = [
    '/api/auth/change-username',
    '/api/auth/change-password',
    '/api/auth/player-tokens',
  ]
  await answers(t, { request, ...rest }, [
    ['POST', username, {}, 400, 'FIELDS_MISSING'],
    ['POST', username, name('guest', 'other', 'another'), 400, 'USERNAME_MISMATCH'],
    ['POST', username, name('somebody', 'other'), 400, 'WRONG_USERNAME'],
    ['POST', username, name('guest', 'x y'), 400, 'BAD_USERNAME'],
    ['POST', username, name('guest', 'Admin'), 409, 'USERNAME_TAKEN'],
    ['POST', pass, {}, 400, 'FIELDS_MISSING'],
    ['POST', pass, password(PASSWORD, STRONG, `${STRONG}!`), 400, 'PASSWORD_MISMATCH'],
    ['POST', pass, password(PASSWORD, 'weak'), 400, 'WEAK_PASSWORD'],
    ['POST', pass, password(PASSWORD, STRONG.repeat(5)), 400, 'PASSWORD_TOO_LONG'],
    ['POST', pass, password('Wrong-Password-1', STRONG), 400, 'WRONG_PASSWORD'],
    ['DELETE', '/api/auth/sessions/none', {}, 404, 'NO_SUCH_SESSION'],
    ['POST', tokens, { cameras: ['Garage'] }, 400, 'NAME_MISSING'],
    ['POST', tokens, { name: 'Wall', cameras: [] }, 400, 'CAMERAS_MISSING'],
    ['DELETE', `${tokens}/none`, {}, 404, 'NO_SUCH_PLAYER_TOKEN'],
    ['GET', '/api/admin/users', {}, 403, 'ADMIN_REQUIRED'],
  ])
  // As it should be: the same calls, done right.
  for (const [path, body] of [
    [username, name('guest', 'visitor')],
    [pass, password(PASSWORD, STRONG)],
  ] as const)
    t.equal((await request(path, { method: 'POST', body })).status, 200, path)
  for (let i = 0; i < 50; i++)
    t.equal(
      (await request(tokens, { method: 'POST', body: { name: 'Wall', cameras: ['Garage'] } })).status,
      201,
    )
  await answers(t, { request, ...rest }, [
    ['POST', tokens, { name: 'Wall', cameras: ['Garage'] }, 409, 'TOO_MANY_PLAYER_TOKENS'],
  ])
})

t.test('what is wrong with somebody’s account must not be told with another code', async t => {
  const { app, origin } = await startApp(t)
  const admin = await signIn(origin)
  const guest = await newUser(origin, admin, 'guest')
  const { id } = guest.user
  // A table of the old backend: its rows refer to users, and say nothing of what becomes of them.
  await app.database.write(async db => {
    await db.schema
      .createTable('devices')
      .addColumn('user_id', 'integer', column => column.references('users.id'))
      .execute()
  })
  const { default: Sqlite } = await import('better-sqlite3')
  const sqlite = new Sqlite(app.config.accounts.databasePath)
  sqlite.exec(`insert into devices values (${id})`)

  const users = '/api/admin/users'
  await answers(t, admin, [
    ['POST', users, {}, 400, 'CREDENTIALS_MISSING'],
    ['POST', users, { username: 'guest', password: STRONG }, 409, 'USERNAME_TAKEN'],
    ['POST', users, { username: 'x', password: STRONG }, 400, 'BAD_USERNAME'],
    ['POST', users, { username: 'other', password: 'weak' }, 400, 'WEAK_PASSWORD'],
    ['PATCH', `${users}/4711`, { email: 'x@example.org' }, 404, 'NO_SUCH_USER'],
    ['PATCH', `${users}/1`, { is_admin: false }, 409, 'LAST_ADMIN'],
    ['POST', `${users}/1/active`, { is_active: false }, 400, 'NOT_ONESELF'],
    ['DELETE', `${users}/1`, {}, 400, 'NOT_ONESELF'],
    ['DELETE', `${users}/${id}`, {}, 409, 'ACCOUNT_IN_USE'],
    ['POST', '/api/admin/security/unblock-ip', {}, 400, 'ADDRESS_MISSING'],
    ['POST', '/api/admin/security/unblock-ip', { ip_address: '198.51.100.1' }, 404, 'NOT_BLOCKED'],
  ])
  t.equal((await guest.request('/api/auth/me')).status, 200, 'who could not be deleted is still there')
  sqlite.exec('delete from devices')
  sqlite.close()

  const second = await newUser(origin, admin, 'second', true)
  await answers(t, admin, [
    ['POST', `${users}/${second.user.id}/active`, { is_active: false }, 400, 'ADMIN_STAYS_ACTIVE'],
  ])
  const disable = { method: 'POST', body: { is_active: false } }
  t.equal((await admin.request(`${users}/${id}/active`, disable)).status, 200)
  await answers(t, guest, [['GET', '/api/cameras', {}, 403, 'ACCOUNT_DISABLED']])
  t.equal((await admin.request(`${users}/${id}`, { method: 'DELETE' })).status, 200)
})

t.test('a database that is closed must not be waited for', async t => {
  const path = join(await temporaryFolder(t), 'camgate.db')
  const database = await openDatabase({ path, connections: 2, waitMs: 60_000 })
  const count = () => database.read(db => db.selectFrom('users').select('id').execute())
  t.same(await count(), [])
  database.close()
  await t.rejects(count(), { code: 'DATABASE_CLOSED', statusCode: 503 })
})
