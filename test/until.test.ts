import t from 'tap'
import { until } from './support/until.ts'

t.test('what never comes is waited for without end, or nobody is told what it was', async t => {
  const absent = false
  await t.rejects(
    until(() => absent, 20),
    { message: 'waited 0.02 s for absent' },
  )
  let looks = 0
  await until(() => ++looks === 3)
  t.equal(looks, 3)
})
