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
  leaves.sound(20)
  leaves.pause(1)
  t.equal(sent(), 2)
})

t.test('sound goes alone a moment before a picture', async t => {
  const { leaves, sent, pass } = departure()
  leaves.picture(40)
  leaves.pause(1)
  pass(29)
  leaves.sound(20)
  leaves.pause(1)
  t.equal(sent(), 1)
  pass(11)
  leaves.picture(40)
  leaves.pause(1)
  t.equal(sent(), 2, 'both in one')
})

t.test('sound waits for a picture that does not come', async t => {
  const { leaves, sent, pass } = departure()
  leaves.picture(40)
  leaves.pause(1)
  pass(29)
  leaves.sound(20)
  leaves.pause(1)
  pass(24)
  leaves.sound(20)
  leaves.pause(1)
  t.equal(sent(), 2, 'it goes with what comes after that')
})

t.test('sound that waits is kept when the camera is lost', async t => {
  const { leaves, sent } = departure()
  leaves.picture(5)
  leaves.pause(1)
  leaves.sound(20)
  leaves.pause(1)
  leaves.leave()
  leaves.leave()
  t.equal(sent(), 2)
})

t.test('each of a crowd is written to twice for a picture and its sound', async t => {
  const { leaves, sent, pass } = departure()
  leaves.picture(40)
  leaves.pause(400)
  for (let picture = 2; picture <= 4; picture++) {
    for (let packet = 0; packet < 2; packet++) {
      pass(20)
      leaves.sound(20)
      leaves.pause(400)
    }
    leaves.picture(40)
    leaves.pause(400)
    t.equal(sent(), picture)
  }
})

t.test('the server wakes up for sound that waits for a picture', async t => {
  const { leaves, pass } = departure()
  t.equal(leaves.waiting(1), 0, 'nothing is known yet')
  leaves.sound(20)
  pass(5)
  leaves.picture(40)
  t.equal(leaves.waiting(1), 0, 'sound is due in 15 ms, long before the picture')
  t.equal(leaves.waiting(400), 2, 'a crowd gets both with it')
  pass(15)
  leaves.sound(20)
  t.equal(leaves.waiting(1), 1, 'the next one comes 5 ms before it')
})

t.test('a picture waits for sound that does not come any more', async t => {
  const { leaves, pass } = departure()
  leaves.picture(40)
  pass(10)
  leaves.sound(20)
  t.equal(leaves.waiting(1), 1)
  pass(21)
  t.equal(leaves.waiting(1), 0, 'it is overdue')
  pass(9)
  leaves.picture(40)
  t.equal(leaves.waiting(400), 0)
  leaves.sound(0)
  t.equal(leaves.waiting(400), 0, 'how much of it is expected cannot be told')
})

t.test('sound that was left to wait is thought to have come when it was read', async t => {
  const { leaves, pass } = departure()
  leaves.picture(33)
  pass(4)
  leaves.sound(20)
  t.equal(leaves.waiting(1), 1, 'due 9 ms before the picture')
  pass(29)
  leaves.picture(33)
  leaves.sound(20)
  t.equal(leaves.waiting(1), 0, 'the next is due 22 ms before the next picture, not 13')
})
