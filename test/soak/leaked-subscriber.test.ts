import t from 'tap'
import { released } from '../support/app.ts'
import { plant } from '../support/leaks.ts'
import { soakWith, visited } from '../support/sabotage.ts'

t.test('the ledger finds a leak where there is none', async t => {
  await released((await visited(t)).ledger)
})

t.test('a viewer who is never released is not found by the ledger', async t => {
  const app = await visited(t, app => plant(app, 'subscriber'))
  await t.rejects(released(app.ledger, 1000), { message: 'live subscribers' })
})

t.test('a viewer who is never released is not found by the soak', async t => {
  const { found, actions } = await soakWith(t, 'subscriber', 'idle')
  t.match(found.join('\n'), /^unreclaimable memory grows by/)
  t.match(found.join('\n'), /^not released: \d+ live subscribers$/m)
  t.same(actions, { trim: 0, shed: 0, restart: 0 })
})

t.test('the watchdog disconnects nobody while viewers who are never released fill the memory', async t => {
  const { found, actions } = await soakWith(t, 'subscriber')
  t.match(found.join('\n'), /^unreclaimable memory grows by/)
  t.ok(actions.trim! > 0 && actions.shed! > 0)
})
