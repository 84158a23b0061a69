import t, { type Test } from 'tap'
import type { Times } from '../../src/go2rtc/connection.ts'
import { loadLowWater } from '../../src/go2rtc/low-water.ts'
import { compiledLowWater } from '../support/addon.ts'
import { begunGet, someTurns } from '../support/get.ts'
import { until } from '../support/until.ts'

const setLowWater = compiledLowWater()
const TIMES: Times = { connectMs: 60_000, headMs: 60_000, quietMs: 300, restMs: 60_000 }

const begun = (t: Test) => begunGet(t, TIMES, { setLowWater })

t.test('the sources do not run because nobody compiled the addon', async t => {
  t.equal(loadLowWater(), undefined)
})

t.test('what may wait wakes the server up', async t => {
  const { get, go2rtc, told } = await begun(t)
  get.lowWater(10)
  go2rtc.write('sound')
  await someTurns()
  t.same(told, ['first'])
  go2rtc.write('picture')
  await until(() => told.length > 1)
  t.same(told, ['first', 'soundpicture'])
})

t.test('what waits is lost, or stays where it is when the mark is lowered', async t => {
  const { get, go2rtc, told, ended } = await begun(t)
  get.lowWater(10)
  go2rtc.write('sound')
  await someTurns()
  get.lowWater(1)
  await until(() => told.length > 1)
  get.lowWater(10)
  go2rtc.end('more')
  await until(ended)
  t.same(told, ['first', 'sound', 'more'])
})

t.test('go2rtc is left while it writes what nobody wakes up for', async t => {
  const { get, go2rtc } = await begun(t)
  let left = false
  go2rtc.on('close', () => {
    left = true
  })
  go2rtc.resume().on('error', () => {})
  get.lowWater(1000)
  get.close()
  const began = performance.now()
  while (!left && performance.now() - began < 2 * TIMES.quietMs) {
    go2rtc.write('.')
    await new Promise(resolve => setTimeout(resolve, 5))
  }
  t.notOk(left)
})

t.test('an addon that is called wrongly takes a socket that is not meant', async t => {
  t.throws(() => setLowWater('x' as never, 1), { name: 'TypeError', message: 'set(fd, bytes)' })
  t.throws(() => setLowWater(1, undefined as never), { name: 'TypeError' })
  t.equal(setLowWater(-1, 1), false)
})
