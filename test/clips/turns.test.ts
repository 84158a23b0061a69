import t from 'tap'
import { Turns } from '../../src/clips/turns.ts'

const never = new AbortController().signal

t.test('more would go on at once than may, or somebody be passed over', async t => {
  const turns = new Turns(2)
  const order: number[] = []
  let running = 0
  let most = 0
  await Promise.all(
    Array.from({ length: 20 }, async (_, i) => {
      const end = await turns.take(never)
      order.push(i)
      most = Math.max(most, ++running)
      await new Promise(resolve => setImmediate(resolve))
      running--
      end()
      end()
    }),
  )
  t.equal(most, 2)
  t.same(
    order,
    Array.from({ length: 20 }, (_, i) => i),
  )
})

t.test('whoever goes away while they wait would get a turn all the same', async t => {
  const turns = new Turns(1)
  const end = await turns.take(never)
  const gone = new AbortController()
  const left = turns.take(gone.signal)
  const next = turns.take(never)
  gone.abort()
  await t.rejects(left, { name: 'AbortError' })
  await t.rejects(turns.take(gone.signal), { name: 'AbortError' })
  end()
  const endNext = await next
  endNext()
  ;(await turns.take(never))()
})
