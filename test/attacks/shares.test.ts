import t from 'tap'
import { startBuiltLive, startBuiltWhole } from '../support/built-house.ts'
import { TestPlayer, upgradeStatus } from '../support/live-server.ts'
import { until } from '../support/until.ts'
import { newUser } from '../support/users.ts'

t.test('one user takes every place for live video', async t => {
  const { origin, admin: greedy, held } = await startBuiltLive(t, { env: { LIVE_MAX_VIEWERS: '8' } })
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
  t.same((await held()).viewers, { websocket: 8 })
  for (const player of [...players, ...theirs]) player.ws.close()
  await until(async () => (await held()).open.viewers === undefined)
  const again = await new TestPlayer(url(greedy.token)).opened()
  again.ws.close()
})

t.test('one user takes every event stream', async t => {
  const { admin, origin, held } = await startBuiltWhole(t)
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
  t.same((await held()).viewers, { events: 500 })
  t.equal(replies.length, 600)
})
