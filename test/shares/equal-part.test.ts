import t from 'tap'
import { equalPart } from '../../src/shares/equal-part.ts'

t.test('an equal part must leave small holdings alone', async t => {
  t.equal(equalPart([1, 2, 3], 6), Number.POSITIVE_INFINITY)
  t.equal(equalPart([100, 2, 3], 35), 30)
  t.equal(equalPart([10, 10, 10], 15), 5)
  t.equal(equalPart([5], 0), 0)
  t.equal(equalPart([], 0), Number.POSITIVE_INFINITY)
})
