import t from 'tap'
import { UnfinishedBodies } from '../../src/http/unfinished-bodies.ts'

t.test('a place for a body is not given back, or a small one is ended for large ones', async t => {
  const bodies = new UnfinishedBodies({ count: 3, bytes: 100 })
  const ended: string[] = []
  const begin = (name: string, bytes: number) => bodies.begin(bytes, () => ended.push(name))
  const forget = begin('small', 1)
  begin('large', 60)
  begin('larger', 70)
  t.same(ended, ['larger'])
  forget()
  forget()
  t.same([bodies.size, bodies.bytes], [1, 60])
  begin('second', 1)
  begin('third', 1)
  begin('fourth', 1)
  t.same(ended, ['larger', 'large'])
  t.same([bodies.size, bodies.bytes], [3, 3])
})
