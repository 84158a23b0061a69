import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import type { Owner, Share } from '../../src/shares/share.ts'
import { startHouse } from '../support/house.ts'
import { startLive, TestPlayer, upgradeStatus } from '../support/live-server.ts'
import { until } from '../support/until.ts'
import { newUser } from '../support/users.ts'

/** Takes what one owner gets, in pieces of a hundredth, and counts it. */
function greedy(share: Share, owner: Owner, evict?: () => void): number {
  const piece = Math.max(1, Math.floor(share.total / 100))
  const before = share.usedBy(owner.user)
  try {
    for (;;) share.take(owner, piece, evict)
  } catch {
    return share.usedBy(owner.user) - before
  }
}

t.test('a bound that users share is missing from the table, or one user has all of it', async t => {
  const { app } = await startLive(t)
  const page = await readFile(join(import.meta.dirname, '../../docs/security.md'), 'utf8')
  const shares = [...app.shares.entries()]
  for (const [name] of shares) t.match(page, `\n| ${name} |`, name)
  const rows = [...page.matchAll(/^\| ([^|]+) \| [\d,]+[^|]* \| shared by \w+ \|/gm)].map(row => row[1])
  t.same(rows.sort(), shares.map(([name]) => name).sort())
  for (const [name, share] of shares) {
    const alone = greedy(share, { user: -1, token: 'a' })
    t.ok(alone >= 0.8 * share.total, `one user of ${name} has nearly everything`)
    t.ok(alone < share.total, `but not all ${share.total}`)
    t.ok(greedy(share, { user: -2, token: 'a' }) > 0, 'and another finds some of it')
  }
})

t.test('one user takes every place for live video', async t => {
  const { origin, app, user: greedy } = await startLive(t, { env: { LIVE_MAX_VIEWERS: '8' } })
  const url = (token: string) => `${origin}/api/ws?src=Garage&token=${token}`
  const players = await Promise.all(
    Array.from({ length: 7 }, () => new TestPlayer(url(greedy.token)).opened()),
  )
  t.equal(await upgradeStatus(url(greedy.token)), 503, 'the rest is for others')
  const modest = await newUser(origin, greedy, 'modest')
  const theirs = await Promise.all(
    Array.from({ length: 4 }, () => new TestPlayer(url(modest.token)).opened()),
  )
  await until(() => players.filter(({ closed }) => closed?.code === 1013).length === 3)
  t.equal(await upgradeStatus(url(modest.token)), 503, 'half of them are theirs')
  t.equal(await upgradeStatus(url(greedy.token)), 503)
  for (const { closed } of theirs) t.equal(closed, undefined)
  t.equal(players.filter(({ closed }) => !closed).length, 4, 'and half are left to the first')
  t.equal(app.viewers.countByKind().websocket, 8)
  for (const player of [...players, ...theirs]) player.ws.close()
  await until(() => app.viewers.size === 0)
  const again = await new TestPlayer(url(greedy.token)).opened()
  again.ws.close()
})

t.test('one user takes every event stream', async t => {
  const { admin, origin, app } = await startHouse(t)
  const gone = new AbortController()
  t.teardown(() => gone.abort())
  /** A reply that nothing refers to any more is cancelled. */
  const replies: Response[] = []
  const listen = async ({ headers }: { headers: Record<string, string> }) => {
    const reply = await fetch(`${origin}/api/events/stream`, { headers, signal: gone.signal })
    replies.push(reply)
    return reply.status
  }
  const statuses = await Promise.all(Array.from({ length: 500 }, () => listen(admin)))
  t.equal(statuses.filter(status => status === 200).length, 437)
  t.equal(statuses.filter(status => status === 503).length, 63)
  const modest = await newUser(origin, admin, 'modest')
  t.same(await Promise.all(Array.from({ length: 100 }, () => listen(modest))), new Array(100).fill(200))
  t.equal(app.viewers.countByKind().events, 500)
  t.equal(replies.length, 600)
})
