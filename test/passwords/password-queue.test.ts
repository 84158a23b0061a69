import { setImmediate as turn } from 'node:timers/promises'
import t from 'tap'
import { PasswordChecksBusy } from '../../src/passwords/errors.ts'
import { insider, PasswordQueue, type Standing } from '../../src/passwords/password-queue.ts'
import { Share } from '../../src/shares/share.ts'

function makeQueue(parallel: number, total = 8) {
  const share = () => new Share({ refusal: () => new PasswordChecksBusy(), total })
  const places = { known: share(), account: share(), stranger: share() }
  return { places, queue: new PasswordQueue({ parallel, places }) }
}

t.test('whoever is known would wait behind all strangers', async t => {
  const { queue, places } = makeQueue(1)
  const order: string[] = []
  const run = (standing: Standing, user: string) =>
    queue.run({ standing, owner: { user, token: '' } }, async () => {
      order.push(standing)
      await turn()
    })
  const strangers = Array.from({ length: 6 }, (_, i) => run('stranger', `192.0.2.${i}`))
  await Promise.all([...strangers, run('account', 'kim'), run('known', 'lee'), run('known', 'kim')])
  t.same(order.slice(0, 4).sort(), ['account', 'known', 'stranger', 'stranger'], String(order))
  t.equal(order.length, 9)
  for (const place of Object.values(places)) t.equal(place.used, 0)
})

t.test('strangers would take the places of others to wait in, or one of them all of their own', async t => {
  const { queue } = makeQueue(1, 4)
  const first = Promise.withResolvers<void>()
  const run = (standing: Standing, user: string, job = async () => user) =>
    queue.run({ standing, owner: { user, token: '' } }, job)
  const running = queue.run(insider(1), () => first.promise)
  await turn()
  const flood = Array.from({ length: 6 }, () => run('stranger', 'flood').catch(error => error.code))
  const other = run('stranger', 'other')
  const second = run('stranger', 'second')
  const known = run('known', 'kim')
  await turn()
  first.resolve()
  t.same(await Promise.all([running, other, second, known]), [undefined, 'other', 'second', 'kim'])
  const refused = (await Promise.all(flood)).filter(answer => answer === 'PASSWORD_CHECKS_BUSY')
  t.ok(refused.length >= 4, `${refused.length} of 6`)
})

t.test('a job that fails must not keep its place', async t => {
  const { queue } = makeQueue(1)
  await t.rejects(
    queue.run(insider(1), () => Promise.reject(new Error('no'))),
    { message: 'no' },
  )
  t.equal(await queue.run(insider(1), async () => 'next'), 'next')
})
