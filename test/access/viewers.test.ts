import t from 'tap'
import type { Identity } from '../../src/access/identity.ts'
import { Viewers } from '../../src/access/viewers.ts'
import { FOR_EVER } from '../../src/validity.ts'

const identity: Identity = {
  userId: 1,
  username: 'grandma',
  isAdmin: false,
  isActive: true,
  sessionId: 'one',
  ...FOR_EVER,
  access: { mode: 'all' },
}

t.test('who was let in before the end begins to watch behind it, and is never ended', async t => {
  const viewers = new Viewers({})
  const ends: string[] = []
  const viewer = (name: string) => ({
    identity,
    kind: 'events' as const,
    end: (reason: string) => ends.push(`${name}: ${reason}`),
  })
  viewers.add(viewer('early'))
  viewers.close()
  t.same(ends, ['early: shutdown'])
  viewers.add(viewer('late'))
  const gone = viewers.add(viewer('gone'))
  t.same(ends, ['early: shutdown'], 'not before whoever adds it knows how to release it')
  gone()
  await Promise.resolve()
  t.same(ends, ['early: shutdown', 'late: shutdown'])
  t.equal(viewers.size, 0)
})
