import t from 'tap'
import { released } from '../support/app.ts'
import { plant } from '../support/leaks.ts'
import { soakWith, visited } from '../support/sabotage.ts'

t.test('a cache without bounds is not found by the ledger', async t => {
  const app = await visited(t, app => plant(app, 'cache'))
  t.equal((await app.inject('/health')).statusCode, 200)
  await t.rejects(released(app.ledger, 1000), { message: 'pictures kept' })
})

t.test('a cache that grows is found neither by the soak nor by the watchdog', async t => {
  const { found, actions } = await soakWith(t, 'cache')
  t.match(found.join('\n'), /^unreclaimable memory grows by/)
  t.match(found.join('\n'), /^not released: \d+ pictures kept$/m)
  t.ok(actions.trim! > 0 && actions.shed! > 0)
  t.equal(actions.restart, 0, 'nothing would start it again')
})
