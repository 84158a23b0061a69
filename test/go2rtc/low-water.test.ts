import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import t, { type Test } from 'tap'
import { Get, type Times } from '../../src/go2rtc/connection.ts'
import { loadLowWater } from '../../src/go2rtc/low-water.ts'
import { compiledLowWater } from '../support/addon.ts'
import { until } from '../support/until.ts'

const setLowWater = compiledLowWater()
const TIMES: Times = { connectMs: 60_000, headMs: 60_000, quietMs: 300 }

/** What has been sent has been read by then, if it is read at all. */
async function someTurns(): Promise<void> {
  for (let i = 0; i < 20; i++) await new Promise(setImmediate)
}

/** A connection that has been told of `first`. */
async function begun(t: Test) {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const told: string[] = []
  let ended = false
  const origin = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  const events = {
    head: () => {},
    body: (bytes: Uint8Array) => told.push(Buffer.from(bytes).toString()),
    end: () => {
      ended = true
    },
  }
  const get = new Get(origin, '/', events, TIMES, setLowWater)
  const [go2rtc] = (await once(server, 'connection')) as [Socket]
  t.teardown(() => {
    get.close()
    go2rtc.destroy()
    server.close()
  })
  await once(go2rtc, 'data')
  go2rtc.write('HTTP/1.0 200 OK\r\n\r\nfirst')
  await until(() => told.length > 0)
  return { get, go2rtc, told, ended: () => ended }
}

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
