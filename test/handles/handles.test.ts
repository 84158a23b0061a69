import t from 'tap'
import type { CameraAccess, Identity } from '../../src/access/identity.ts'
import { Handles } from '../../src/handles/handles.ts'
import type { Subject } from '../../src/handles/subject.ts'

const ALL: CameraAccess = { mode: 'all' }
const only = (...cameras: string[]): CameraAccess => ({ mode: 'custom', cameras: new Set(cameras) })

function identity(sessionId: string, access: CameraAccess = ALL, fields: Partial<Identity> = {}): Identity {
  return {
    userId: 1,
    username: 'someone',
    isAdmin: false,
    isActive: true,
    sessionId,
    expiresAt: Number.POSITIVE_INFINITY,
    access,
    ...fields,
  }
}

const live = (id: string, camera?: string): Subject => ({ kind: 'live', id, camera })

function setUp(limits = {}) {
  const sessions = new Map<string, Identity>()
  const handles = new Handles(async id => sessions.get(id), limits)
  const signIn = (id: string, access = ALL, fields: Partial<Identity> = {}) => {
    const one = identity(id, access, fields)
    sessions.set(id, one)
    return one
  }
  return { sessions, handles, signIn }
}

t.test('a player that asks again gets another address, or two sessions get the same', async t => {
  const { handles, signIn } = setUp()
  const a = signIn('a')
  const b = signIn('b')
  const first = handles.issue(a, live('door'))
  t.match(first, /^[\w-]{24}$/)
  t.equal(handles.issue(a, live('door')), first)
  t.not(handles.issue(a, live('yard')), first)
  t.not(handles.issue(b, live('door')), first)
  t.not(handles.issue(a, { kind: 'clip', id: 'door' }), first)
  t.not(handles.issue({ ...a, onlyCamera: 'door' }, live('door')), first)
  t.match(await handles.open(first, 'live'), { subject: live('door'), identity: { sessionId: 'a' } })
})

t.test('an address outlives its session, its permission or its account', async t => {
  const { handles, sessions, signIn } = setUp()
  const dead = (handle: string) =>
    t.rejects(handles.open(handle, 'live'), { code: 'HANDLE_UNKNOWN', statusCode: 404 })

  const ended = handles.issue(signIn('a'), live('door'))
  sessions.delete('a')
  await dead(ended)
  t.equal(handles.size, 0, 'it is forgotten')

  const narrowed = handles.issue(signIn('b', only('door', 'yard')), live('door', 'door'))
  signIn('b', only('door'))
  t.ok(await handles.open(narrowed, 'live'), 'a camera that is still allowed goes on')
  signIn('b', only('yard'))
  await dead(narrowed)

  const everything = handles.issue(signIn('c'), live('spare'))
  signIn('c', only('door'))
  await dead(everything)

  const disabled = handles.issue(signIn('d'), live('door'))
  signIn('d', ALL, { isActive: false })
  await dead(disabled)
  signIn('d')
  t.ok(await handles.open(disabled, 'live'), 'and comes back with the account')
})

t.test('an address of one kind opens another, or a guess opens something', async t => {
  const { handles, signIn } = setUp()
  const clip = handles.issue(signIn('a'), { kind: 'clip', id: '1.2-x' })
  await t.rejects(handles.open(clip, 'live'), { code: 'HANDLE_UNKNOWN' })
  for (const guess of ['', '..', '__proto__', clip.toLowerCase(), `${clip} `])
    await t.rejects(handles.open(guess, 'clip'), { code: 'HANDLE_UNKNOWN' })
})

t.test('a token for one camera gets the rights of its session with a handle', async t => {
  const { handles, signIn } = setUp()
  const narrow = { ...signIn('a'), onlyCamera: 'door' }
  const { identity } = await handles.open(handles.issue(narrow, live('door', 'door')), 'live')
  t.equal(identity.onlyCamera, 'door')
})

t.test('handles pile up, or one session pushes out those of others', async t => {
  const { handles, signIn } = setUp({ perSession: 3, total: 5 })
  const a = signIn('a')
  const b = signIn('b')
  const kept = handles.issue(b, live('door'))
  const [first, second] = ['1', '2', '3'].map(id => handles.issue(a, live(id)))
  await handles.open(first!, 'live')
  handles.issue(a, live('4'))
  t.equal(handles.size, 4)
  t.ok(await handles.open(first!, 'live'), 'what is in use stays')
  await t.rejects(handles.open(second!, 'live'), { code: 'HANDLE_UNKNOWN' })
  t.ok(await handles.open(kept, 'live'))
  for (const id of ['c', 'd', 'e', 'f']) handles.issue(signIn(id), live('door'))
  t.equal(handles.size, 5)
})

t.test('a released handle goes on', async t => {
  const { handles, signIn } = setUp()
  const a = signIn('a')
  const handle = handles.issue(a, live('door'))
  t.equal(handles.release(a, live('door')), true)
  t.equal(handles.release(a, live('door')), false)
  await t.rejects(handles.open(handle, 'live'), { code: 'HANDLE_UNKNOWN' })
  t.equal(handles.size, 0)
})
