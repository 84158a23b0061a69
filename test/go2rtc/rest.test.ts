import { once } from 'node:events'
import t, { type Test } from 'tap'
import type { Times } from '../../src/go2rtc/connection.ts'
import { begunGet, someTurns } from '../support/get.ts'
import { until } from '../support/until.ts'

const TIMES: Times = { connectMs: 60_000, headMs: 60_000, quietMs: 300, restMs: 60_000 }

/** A connection that rests after each read. */
async function resting(t: Test, times = TIMES) {
  const { get, go2rtc, told, ended } = await begunGet(t, times, { told: get => get.rest() })
  go2rtc.write('second')
  await someTurns()
  get.wake()
  const text = () => told.join('')
  await until(() => text() === 'firstsecond')
  return { get, go2rtc, text, ended }
}

t.test('each piece wakes the server up although nobody waits for it, or what waited is lost', async t => {
  const { get, go2rtc, text } = await resting(t)
  for (const piece of ['a', 'b', 'c']) {
    go2rtc.write(piece)
    await someTurns()
  }
  t.equal(text(), 'firstsecond')
  get.wake()
  await until(() => text().length === 14)
  t.equal(text(), 'firstsecondabc')
})

t.test('it rests for ever', async t => {
  const { go2rtc, text, ended } = await resting(t, { ...TIMES, restMs: 1 })
  for (let sent = 1; sent <= 3; sent++) {
    go2rtc.write('x')
    await until(() => text().length === 11 + sent)
  }
  go2rtc.end()
  await until(ended)
  t.equal(text(), 'firstsecondxxx')
})

t.test('a camera that sends much falls behind, as it rests where more is there', async t => {
  const { get, go2rtc, text } = await resting(t)
  go2rtc.write('y'.repeat(40_000))
  await someTurns()
  get.wake()
  await until(() => text().length === 40_011)
  go2rtc.write('z')
  await until(() => text().length === 40_012)
  t.equal(text().at(-1), 'z')
})

t.test('one that rests is not left', async t => {
  const { get, go2rtc } = await resting(t)
  const closed = once(go2rtc, 'close')
  go2rtc.write('more')
  get.close()
  await closed
  t.ok(go2rtc.destroyed)
})
