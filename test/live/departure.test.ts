import t from 'tap'
import { Departure } from '../../src/live/departure.ts'

function departure() {
  let sent = 0
  let now = 1000
  const leaves = new Departure(
    () => sent++,
    () => now,
  )
  const pass = (milliseconds: number) => {
    now += milliseconds
  }
  return { leaves, sent: () => sent, pass }
}

t.test('a picture waits', async t => {
  const { leaves, sent } = departure()
  leaves.pause(1)
  t.equal(sent(), 0, 'nothing has come')
  leaves.picture(33)
  leaves.pause(1)
  leaves.pause(1)
  t.equal(sent(), 1)
})

t.test('sound waits although no picture is near', async t => {
  const { leaves, sent, pass } = departure()
  leaves.picture(40)
  leaves.pause(1)
  pass(27)
  leaves.sound()
  leaves.pause(1)
  t.equal(sent(), 2)
})

t.test('sound goes alone a moment before a picture', async t => {
  const { leaves, sent, pass } = departure()
  leaves.picture(40)
  leaves.pause(1)
  pass(31)
  leaves.sound()
  leaves.pause(1)
  t.equal(sent(), 1)
  pass(9)
  leaves.picture(40)
  leaves.pause(1)
  t.equal(sent(), 2, 'both in one')
})

t.test('sound waits for a picture that does not come', async t => {
  const { leaves, sent, pass } = departure()
  leaves.picture(40)
  leaves.pause(1)
  pass(31)
  leaves.sound()
  leaves.pause(1)
  pass(22)
  leaves.sound()
  leaves.pause(1)
  t.equal(sent(), 2, 'it goes with what comes after that')
})

t.test('sound that waits is kept when the camera is lost', async t => {
  const { leaves, sent } = departure()
  leaves.picture(5)
  leaves.pause(1)
  leaves.sound()
  leaves.pause(1)
  leaves.leave()
  leaves.leave()
  t.equal(sent(), 2)
})

t.test('each of a crowd is written to twice for a picture and its sound', async t => {
  const { leaves, sent, pass } = departure()
  leaves.picture(40)
  leaves.pause(500)
  for (let picture = 2; picture <= 4; picture++) {
    for (let packet = 0; packet < 2; packet++) {
      pass(20)
      leaves.sound()
      leaves.pause(500)
    }
    leaves.picture(40)
    leaves.pause(500)
    t.equal(sent(), picture)
  }
})
