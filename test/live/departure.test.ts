import t, { type Test } from 'tap'
import { Departure } from '../../src/live/departure.ts'
import { until } from '../support/until.ts'

function departure(t: Test) {
  let sent = 0
  const leaves = new Departure(() => sent++)
  t.teardown(() => leaves.close())
  return { leaves, sent: () => sent }
}

t.test('a picture waits', async t => {
  const { leaves, sent } = departure(t)
  leaves.pause(1)
  t.equal(sent(), 0, 'nothing has come')
  leaves.picture(33)
  leaves.pause(1)
  leaves.pause(1)
  t.equal(sent(), 1)
})

t.test('sound waits although no picture is near', async t => {
  const { leaves, sent } = departure(t)
  leaves.picture(10_000)
  leaves.pause(1)
  leaves.sound()
  leaves.pause(1)
  t.equal(sent(), 2)
})

t.test('sound goes alone a moment before a picture', async t => {
  const { leaves, sent } = departure(t)
  leaves.picture(5)
  leaves.pause(1)
  leaves.sound()
  leaves.pause(1)
  t.equal(sent(), 1)
  leaves.picture(5)
  leaves.pause(1)
  t.equal(sent(), 2, 'both in one')
})

t.test('sound waits for a picture that does not come', async t => {
  const { leaves, sent } = departure(t)
  leaves.picture(5)
  leaves.pause(1)
  leaves.sound()
  leaves.pause(1)
  t.ok(await until(() => sent() === 2))
})

t.test('each of a crowd is written to twice for a picture and its sound', async t => {
  const { leaves, sent } = departure(t)
  leaves.picture(38)
  leaves.pause(400)
  for (let picture = 2; picture <= 4; picture++) {
    leaves.sound()
    leaves.pause(400)
    leaves.picture(38)
    leaves.pause(400)
    t.equal(sent(), picture)
  }
})
