import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { CameraAccess, Identity } from '../../src/access/identity.ts'
import type { Database } from '../../src/database/database.ts'
import { openDatabase } from '../../src/database/file/open.ts'
import { HandleNames } from '../../src/handles/handle-names.ts'
import { HandleStore } from '../../src/handles/handle-store.ts'
import { Handles } from '../../src/handles/handles.ts'
import type { Subject } from '../../src/handles/subject.ts'
import { FOR_EVER } from '../../src/validity.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const ALL: CameraAccess = { mode: 'all' }
const only = (...cameras: string[]): CameraAccess => ({ mode: 'custom', cameras: new Set(cameras) })
const live = (id: string, camera?: string): Subject => ({ kind: 'live', id, camera })
const key = (name: string) => Buffer.from(name.padEnd(32))

async function setUp(t: Test, limits = { perSession: 500, total: 10_000 }) {
  const path = join(await temporaryFolder(t), 'camgate.db')
  const database = await openDatabase({ path, connections: 4, waitMs: 10_000 })
  t.teardown(() => database.close())
  await database.write(async db => {
    await db
      .insertInto('users')
      .values(
        [1, 2].map(id => ({
          id,
          username: `someone${id}`,
          password_hash: 'x',
          is_admin: 0 as const,
          is_active: 1 as const,
        })),
      )
      .execute()
  })
  const sessions = new Map<string, Identity>()
  const unkept: unknown[] = []
  /** The handles of a process: what a restart begins with. */
  const start = (...keys: string[]) =>
    new Handles({
      names: new HandleNames((keys.length > 0 ? keys : ['first']).map(key)),
      kept: new HandleStore(database, limits),
      current: async id => sessions.get(id),
      onUnkept: error => unkept.push(error),
    })
  const signIn = async (name: string, access = ALL, fields: Partial<Identity> = {}) => {
    const sessionId = sessions.get(name)?.sessionId ?? name
    if (!sessions.has(name)) await addSession(database, sessionId, fields.userId)
    const identity: Identity = {
      userId: 1,
      username: 'someone',
      isAdmin: false,
      isActive: true,
      sessionId,
      ...FOR_EVER,
      access,
      ...fields,
    }
    sessions.set(name, identity)
    return identity
  }
  const signOut = async (id: string) => {
    sessions.delete(id)
    await database.write(db => db.deleteFrom('sessions').where('id', '=', id).execute())
  }
  const rows = async () =>
    (await database.read(db => db.selectFrom('path_handles').selectAll().execute())).length
  return { database, handles: start(), start, signIn, signOut, rows, unkept }
}

async function addSession(database: Database, id: string, userId = 1) {
  const at = '2026-01-01 00:00:00'
  await database.write(db =>
    db
      .insertInto('sessions')
      .values({
        id,
        user_id: userId,
        created_at: at,
        expires_at: '2999-01-01 00:00:00',
        last_seen: at,
        ip_address: '',
        user_agent: '',
      })
      .execute(),
  )
}

const dead = (t: Test, handles: Handles, handle: string) =>
  t.rejects(handles.open(handle, 'live'), { code: 'HANDLE_UNKNOWN', statusCode: 404 })

t.test('a player that asks again gets another address, or two sessions get the same', async t => {
  const { handles, signIn } = await setUp(t)
  const a = await signIn('a')
  const first = await handles.issue(a, live('door', 'door'))
  t.match(first, /^[\w-]{24}$/)
  t.equal(await handles.issue(a, live('door', 'door')), first)
  t.not(await handles.issue(a, live('yard', 'yard')), first)
  t.not(await handles.issue(await signIn('b'), live('door', 'door')), first)
  t.not(await handles.issue(a, { kind: 'clip', id: 'door', camera: 'door' }), first)
  t.same((await handles.open(first, 'live')).subject, live('door', 'door'))
})

t.test('an address outlives its session, its permission or its account', async t => {
  const { handles, signIn, signOut, rows } = await setUp(t)
  const ended = await handles.issue(await signIn('a'), live('door', 'door'))
  await signOut('a')
  await dead(t, handles, ended)
  t.equal(handles.size, 0, 'it is forgotten')
  t.equal(await rows(), 0, 'for good')

  const narrowed = await handles.issue(await signIn('b', only('door', 'yard')), live('door', 'door'))
  await signIn('b', only('door'))
  t.ok(await handles.open(narrowed, 'live'), 'a camera that is still allowed goes on')
  await signIn('b', only('yard'))
  await dead(t, handles, narrowed)

  const everything = await handles.issue(await signIn('c'), live('spare'))
  await signIn('c', only('door', 'spare'))
  await dead(t, handles, everything)

  const disabled = await handles.issue(await signIn('d'), live('door', 'door'))
  await signIn('d', ALL, { isActive: false })
  await dead(t, handles, disabled)
  await signIn('d')
  t.ok(await handles.open(disabled, 'live'), 'and comes back with the account')
})

t.test('an address of one kind opens another, or a guess opens something', async t => {
  const { handles, signIn } = await setUp(t)
  const clip = await handles.issue(await signIn('a'), { kind: 'clip', id: '1.2-x', camera: 'door' })
  await dead(t, handles, clip)
  for (const guess of ['', '..', '__proto__', clip.toLowerCase(), `${clip} `, 'A'.repeat(24)])
    await t.rejects(handles.open(guess, 'clip'), { code: 'HANDLE_UNKNOWN' })
})

t.test('an address of one camera gives rights to others', async t => {
  const { handles, signIn } = await setUp(t)
  const { identity } = await handles.open(await handles.issue(await signIn('a'), live('d', 'door')), 'live')
  t.equal(identity.onlyCamera, 'door')
})

t.test('a restart or a new key ends players, or gives them another address', async t => {
  const { start, signIn, signOut, rows } = await setUp(t)
  const a = await signIn('a')
  const handle = await start().issue(a, live('door', 'door'))
  t.same((await start().open(handle, 'live')).subject, live('door', 'door'))

  const rotated = start('second', 'first')
  t.equal(await rotated.issue(a, live('door', 'door')), handle, 'the same to who asks again')
  t.not(await rotated.issue(a, live('yard', 'yard')), await start().issue(a, live('yard', 'yard')))
  t.equal(await start('third', 'second', 'first').issue(a, live('door', 'door')), handle)
  await dead(t, start('third', 'second'), handle)
  await signIn('a', only('yard'))
  await dead(t, start(), handle)
  await signOut('a')
  await dead(t, start(), handle)
  t.equal(await rows(), 0)
})

t.test('a copy of the database opens cameras', async t => {
  const { database, handles, signIn } = await setUp(t)
  const handle = await handles.issue(await signIn('a'), live('door', 'door'))
  const kept = await database.read(db => db.selectFrom('path_handles').selectAll().execute())
  t.notMatch(JSON.stringify(kept), handle)
  t.equal(kept.length, 1)
  t.equal((await handles.open(handle, 'live')).subject.id, 'door', 'the handle itself does')
  for (const { handle_hash } of kept) await dead(t, handles, handle_hash.slice(0, 24))
})

t.test('handles pile up, or one session pushes out those of others', async t => {
  const { handles, start, signIn, rows } = await setUp(t, { perSession: 3, total: 5 })
  const a = await signIn('a')
  const kept = await handles.issue(await signIn('b'), live('door'))
  const first = await handles.issue(a, live('1'))
  for (const id of ['2', '3', '4']) await handles.issue(a, live(id))
  t.equal(await rows(), 4)
  await dead(t, start(), first)
  t.ok(await start().open(kept, 'live'))
  for (const id of ['c', 'd', 'e', 'f']) await handles.issue(await signIn(id), live('door'))
  t.equal(await rows(), 5)
  for (let i = 0; i < 1010; i++) await handles.issue(a, live(`more ${i}`))
  t.equal(handles.size, 1000, 'nor are they all remembered')
})

t.test('one user with many tokens pushes out the handles of another', async t => {
  const { start, handles, signIn, rows } = await setUp(t, { perSession: 3, total: 8 })
  const kept = await handles.issue(await signIn('other', ALL, { userId: 2 }), live('door'))
  const first = await handles.issue(await signIn('t0'), live('door'))
  for (let token = 1; token < 24; token++)
    for (const id of ['door', 'yard']) await handles.issue(await signIn(`t${token}`), live(id))
  t.equal(await rows(), 8)
  t.ok(await start().open(kept, 'live'))
  await dead(t, start(), first)
})

t.test('a handle whose session has just ended, or that nothing can be written for, is an error', async t => {
  const { handles, signIn, signOut, unkept } = await setUp(t)
  const a = await signIn('a')
  await signOut('a')
  const handle = await handles.issue(a, live('door'))
  t.equal(unkept.length, 1)
  await dead(t, handles, handle)
})

t.test('player tokens have no handles, or leave them behind', async t => {
  const { database, handles, signIn, rows } = await setUp(t)
  const id = randomUUID()
  const at = '2026-01-01 00:00:00'
  const token = { id, user_id: 1, name: 'wall', token_hash: 'x', cameras: '["door"]', created_at: at }
  await database.write(db => db.insertInto('player_tokens').values(token).execute())
  const wall = { ...(await signIn('a')), sessionId: `player:${id}` }
  await handles.issue(wall, live('door', 'door'))
  t.equal(await rows(), 1)
  await database.write(db => db.deleteFrom('player_tokens').execute())
  t.equal(await rows(), 0)
})

t.test('a released handle goes on', async t => {
  const { handles, start, signIn, rows } = await setUp(t)
  const a = await signIn('a')
  const handle = await handles.issue(a, live('door'))
  const other = await handles.issue(a, live('yard'))
  await handles.release(a, 'live', 'door')
  await dead(t, handles, handle)
  await dead(t, start(), handle)
  t.ok(await handles.open(other, 'live'))
  t.equal(await rows(), 1)
})
