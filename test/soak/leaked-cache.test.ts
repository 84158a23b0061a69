import t from 'tap'
import { soakWith } from '../support/sabotage.ts'

t.test('a cache that grows is found neither by the soak nor by the watchdog', async t => {
  const { found, actions } = await soakWith('cache')
  t.match(found, [/^RSS grows by/], found.join('; '))
  t.ok(actions.trim! > 0 && actions.shed! > 0)
  t.equal(actions.restart, 0, 'nothing would start it again')
})
