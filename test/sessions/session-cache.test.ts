import { setTimeout as after } from 'node:timers/promises'
import t from 'tap'
import { makeSession, type Session } from '../../src/sessions/session.ts'
import { SessionCache } from '../../src/sessions/session-cache.ts'

const account = {
  id: 1,
  username: 'kim',
  is_admin: false,
  is_active: true,
} as Parameters<typeof makeSession>[1]

function session(id: string, forMs = 60_000): Session {
  const now = Date.now()
  return makeSession(id, account, { mode: 'all' }, { issuedAt: now, expiresAt: now + forMs })
}

const keep = (cache: SessionCache, id: string, forMs?: number) =>
  cache.load(id, async () => session(id, forMs))

t.test('sessions without number must not be remembered, nor the one forgotten that is used most', async t => {
  const cache = new SessionCache(3, 60_000)
  await keep(cache, 'used')
  for (let i = 0; i < 10; i++) {
    await keep(cache, `${i}`)
    t.ok(cache.get('used'))
  }
  t.notOk(cache.get('7'))
  t.ok(cache.get('8') && cache.get('9'))
})

t.test('what was read long ago, has ended or was changed must not count', async t => {
  const cache = new SessionCache(100, 40)
  await keep(cache, 'long ago')
  t.ok(cache.get('long ago'))
  await after(60)
  t.notOk(cache.get('long ago'))

  const lasting = new SessionCache(100, 60_000)
  await keep(lasting, 'ended', 20)
  await keep(lasting, 'changed')
  await keep(lasting, 'kept')
  await after(40)
  t.notOk(lasting.get('ended'))
  lasting.forget(({ id }) => id === 'changed')
  t.notOk(lasting.get('changed'))
  lasting.prune()
  t.ok(lasting.get('kept'), 'the others are still there')
})

t.test('a read that began before a change must not be remembered', async t => {
  const cache = new SessionCache(100, 60_000)
  let reads = 0
  const found = await cache.load('a', async () => {
    if (reads++ === 0) cache.forget(() => true)
    return session(`read ${reads}`)
  })
  t.equal(found?.id, 'read 2')
  t.equal(cache.get('a')?.id, 'read 2')
})
