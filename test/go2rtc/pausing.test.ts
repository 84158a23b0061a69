import { once } from 'node:events'
import t, { type Test } from 'tap'
import type { Times } from '../../src/go2rtc/connection.ts'
import { begunGet, someTurns } from '../support/get.ts'
import { until } from '../support/until.ts'

const TIMES: Times = { connectMs: 60_000, headMs: 60_000, quietMs: 300 }
/** A camera's connection that is paused. */
async function paused(t: Test) {
  const begun = await begunGet(t, TIMES)
  const { get, go2rtc, told } = begun
  const text = () => told.join('')
  get.read()
  go2rtc.write('second')
  await until(() => text() === 'firstsecond')
  return { ...begun, text }
}

t.test('what comes while reading is paused wakes the server up, or is lost', async t => {
  const { get, go2rtc, text } = await paused(t)
  for (const piece of ['a', 'b', 'c']) {
    go2rtc.write(piece)
    await someTurns()
  }
  t.equal(text(), 'firstsecond')
  t.ok(get.paused)
  get.read()
  await until(() => text() === 'firstsecondabc')
  t.ok(get.paused, 'a short read has brought everything')
})

t.test('a camera that sends much falls behind, as reading pauses where more is on its way', async t => {
  const { get, go2rtc, text } = await paused(t)
  const bytes = 3_000_000
  go2rtc.write('y'.repeat(bytes))
  await someTurns()
  let reads = 0
  await until(() => {
    if (get.paused) reads++
    if (get.paused) get.read()
    return text().length === 11 + bytes
  })
  t.ok(reads <= 5, `${reads} readings for ${bytes} bytes`)
})

t.test('reading pauses before anybody asks for it', async t => {
  const { get, go2rtc, told } = await begunGet(t, TIMES)
  for (const piece of ['a', 'b', 'c']) {
    go2rtc.write(piece)
    await until(() => told.join('').endsWith(piece))
    t.notOk(get.paused)
  }
})

t.test('the end of a camera whose reading is paused is never noticed', async t => {
  const { get, go2rtc, ended } = await paused(t)
  go2rtc.end()
  await someTurns()
  get.read()
  await until(ended)
})

t.test('one whose reading is paused is not left', async t => {
  const { get, go2rtc } = await paused(t)
  const closed = once(go2rtc, 'close')
  go2rtc.write('more')
  get.close()
  await closed
  t.ok(go2rtc.destroyed)
})
