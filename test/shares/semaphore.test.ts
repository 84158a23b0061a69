import t from 'tap'
import { Semaphore } from '../../src/shares/semaphore.ts'

const never = new AbortController().signal
const me = 1

t.test('more would go on at once than may, or somebody be passed over', async t => {
  const semaphore = new Semaphore({ places: 2 })
  const order: number[] = []
  let running = 0
  let most = 0
  await Promise.all(
    Array.from({ length: 20 }, async (_, i) => {
      const end = await semaphore.enter(me, never)
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
  const semaphore = new Semaphore({ places: 1 })
  const end = await semaphore.enter(me, never)
  const gone = new AbortController()
  const left = semaphore.enter(me, gone.signal)
  const next = semaphore.enter(me, never)
  gone.abort()
  await t.rejects(left, { name: 'AbortError' })
  await t.rejects(semaphore.enter(me, gone.signal), { name: 'AbortError' })
  end()
  const endNext = await next
  endNext()
  ;(await semaphore.enter(me, never))()
})

t.test('whoever comes behind the requests of one user waits until all of those are done', async t => {
  const semaphore = new Semaphore({ places: 2 })
  const order: string[] = []
  const run = async (user: string) => {
    const leave = await semaphore.enter(user, never)
    order.push(user)
    await new Promise(resolve => setImmediate(resolve))
    leave()
  }
  await Promise.all([
    ...Array.from({ length: 8 }, () => run('greedy')),
    ...Array.from({ length: 2 }, () => run('modest')),
  ])
  t.same(order.slice(0, 5).sort(), ['greedy', 'greedy', 'greedy', 'modest', 'modest'], String(order))
  t.equal(order.length, 10)
})

t.test('one user with many requests must not keep another waiting for all of them', async t => {
  const semaphore = new Semaphore({ places: 5, kept: 1 })
  const exits: (() => void)[] = []
  const order: string[] = []
  for (let i = 0; i < 20; i++)
    semaphore.enter('kim', new AbortController().signal).then(exit => {
      order.push('kim')
      exits.push(exit)
    })
  await new Promise(setImmediate)
  t.same(order, ['kim', 'kim', 'kim', 'kim'], 'one place is kept')
  for (let i = 0; i < 2; i++)
    semaphore.enter('lee', new AbortController().signal).then(() => order.push('lee'))
  await new Promise(setImmediate)
  t.same(order.slice(4), ['lee'], 'at once')
  exits.shift()!()
  await new Promise(setImmediate)
  t.equal(order.length, 5, 'and again for whoever has none')
  exits.shift()!()
  await new Promise(setImmediate)
  t.same(order.slice(5), ['lee'], 'before those who came earlier and have more')
})

t.test('a user whose requests are many must not have every turn where one goes on at a time', async t => {
  const semaphore = new Semaphore({ places: 1 })
  const order: string[] = []
  const run = async (user: string) => {
    const leave = await semaphore.enter(user)
    order.push(user)
    await new Promise(setImmediate)
    leave()
  }
  const leave = await semaphore.enter('greedy')
  const greedy = Array.from({ length: 6 }, () => run('greedy'))
  const others = [run('modest'), run('modest'), run('other')]
  leave()
  await Promise.all([...greedy, ...others])
  t.same(order.slice(0, 5), ['modest', 'other', 'greedy', 'modest', 'greedy'], String(order))
})

t.test('a queue must not grow beyond its places, nor anybody wait longer than they may', async t => {
  const queue = { places: 2, waitMs: 20, refusal: () => new Error('busy') }
  const semaphore = new Semaphore({ places: 1, queue })
  const leave = await semaphore.enter(me)
  const waiting = [semaphore.enter(me), semaphore.enter(me)]
  await t.rejects(semaphore.enter(me), { message: 'busy' }, 'there is no place to wait in')
  t.match(semaphore, { inside: 1, waited: 2, refused: 1 })
  for (const late of waiting) await t.rejects(late, { message: 'busy' })
  t.match(semaphore, { inside: 1, waited: 2, refused: 3 })
  leave()
  t.equal(semaphore.inside, 0, 'whoever was refused got no place')
  ;(await semaphore.enter(me))()
})

t.test('a wait that ends as the place comes free must not keep the place', async t => {
  const semaphore = new Semaphore({ places: 1 })
  const leave = await semaphore.enter(me)
  const gone = new AbortController()
  const left = semaphore.enter(me, gone.signal)
  gone.abort()
  leave()
  await t.rejects(left, { name: 'AbortError' })
  t.equal(semaphore.inside, 0)
  const other = await semaphore.enter(me)
  const late = new AbortController()
  const got = semaphore.enter(me, late.signal)
  other()
  late.abort()
  ;(await got)()
  t.equal(semaphore.inside, 0, 'and one that got it first gives it back')
})
