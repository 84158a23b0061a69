import t from 'tap'
import { released } from '../support/app.ts'
import { plant } from '../support/leaks.ts'
import { soakWith, visited } from '../support/sabotage.ts'

t.test('an upstream connection that nobody closes is not found by the ledger', async t => {
  const app = await visited(t, app => plant(app, 'upstream'))
  await t.rejects(released(app.ledger, 1000), { message: 'requests to go2rtc' })
})

t.test(
  'an upstream connection that nobody closes is found neither by the soak nor by the watchdog',
  async t => {
    const { found, actions } = await soakWith(t, 'upstream')
    t.match(found.join('\n'), /^unreclaimable memory grows by/)
    t.match(found.join('\n'), /^not released: \d\d requests to go2rtc$/m)
    t.ok(actions.trim! > 0 && actions.shed! > 0)
  },
)
