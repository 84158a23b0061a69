import t from 'tap'
import { RequestWindows } from '../../src/network/request-windows.ts'

const count = (windows: RequestWindows, key: string, windowMs = 60_000) => {
  let current = 0
  windows.incr(
    key,
    (_, result) => {
      current = result.current
    },
    windowMs,
  )
  return current
}

t.test('requests would be counted for another client, or after their window', async t => {
  const windows = new RequestWindows()
  t.equal(count(windows, 'a'), 1)
  t.equal(count(windows, 'a'), 2)
  t.equal(count(windows, 'b'), 1)
  t.equal(count(windows.child(), 'a'), 1, 'a route with a limit of its own counts by itself')
  t.equal(count(windows, 'a', 0), 1, 'the window is over')
})

t.test(
  'clients without number must not be counted for ever, nor one that goes on asking be forgotten',
  async t => {
    const windows = new RequestWindows()
    for (let i = 0; i < 20_000; i++) {
      count(windows, `2001:db8::${i}`)
      if (i % 100 === 0) count(windows, 'a')
    }
    t.equal(count(windows, 'a'), 201)
    t.equal(count(windows, '2001:db8::0'), 1)
    t.equal(count(windows, '2001:db8::19000'), 2, 'a thousand are counted at the same time')
  },
)
