import t from 'tap'
import { Pool } from 'undici'
import type { CodedError } from '../../src/errors.ts'
import { StreamList } from '../../src/go2rtc/stream-list.ts'
import { startGo2rtc } from '../support/go2rtc.ts'
import { startScripted } from '../support/scripted-upstream.ts'

t.test('many who ask at once are one request to go2rtc', async t => {
  const go2rtc = await startGo2rtc(t)
  const pool = new Pool(go2rtc.origin)
  t.teardown(() => pool.destroy())
  const list = new StreamList(pool)
  const answers = await Promise.all(Array.from({ length: 50 }, () => list.get()))
  t.ok(answers.every(streams => streams.has('Garden')))
  await list.get()
  t.equal(go2rtc.requests.length, 1)
})

t.test('a restart of go2rtc does not turn away who connects meanwhile', async t => {
  const go2rtc = await startGo2rtc(t)
  const pool = new Pool(go2rtc.origin)
  t.teardown(() => pool.destroy())
  const list = new StreamList(pool)
  await list.get()
  await go2rtc.stop()
  await new Promise(resolve => setTimeout(resolve, 2100))
  t.ok((await list.get()).has('Garden'))
  await go2rtc.start()
  t.ok((await list.get()).has('Garden'))
  t.equal(go2rtc.requests.length, 2, 'asked again as soon as it can be')
})

t.test('a go2rtc that has never answered is an error that says so', async t => {
  const go2rtc = await startGo2rtc(t)
  await go2rtc.stop()
  const pool = new Pool(go2rtc.origin)
  t.teardown(() => pool.destroy())
  await t.rejects(new StreamList(pool).get(), { code: 'GO2RTC_UNREACHABLE', statusCode: 502 })
})

t.test('a list of 200,000 streams must not be kept, and the first ones not lost', async t => {
  const streams = Array.from({ length: 200_000 }, (_, i) => `"s${i}":{"producers":[{}],"consumers":null}`)
  const go2rtc = await startScripted(t, { '/api/streams': `{${streams.join()}}` })
  const pool = new Pool(go2rtc.origin)
  t.teardown(() => pool.destroy())
  const said: CodedError[] = []
  const known = await new StreamList(pool, error => said.push(error)).get()
  t.equal(known.size, 2000)
  t.same(known.get('s1999'), { producers: 1, consumers: 0 })
  t.match(
    said.map(({ code, message }) => [code, message]),
    [['GO2RTC_LEFT_OUT', 'go2rtc lists more than 2000 streams: the rest is left out']],
  )
})
