import t from 'tap'
import { SocketSink } from '../../src/live/viewers/sink.ts'
import { connection } from '../support/connection.ts'
import { until } from '../support/until.ts'

const text = (chunk: string) => Buffer.from(chunk)
const never = () => {}

t.test('bytes that the kernel has taken change when they are used for the next viewer', async t => {
  const { near, received } = await connection(t)
  const sink = new SocketSink(near, never)
  const shared = text('first ')
  t.ok(sink.write([shared], () => t.fail('nothing waits')))
  shared.fill('x')
  shared.write('again')
  t.ok(sink.write([shared, text('and '), text('last')], () => t.fail('nothing waits')))
  shared.fill('x')
  await until(() => received().length === 20)
  t.equal(received().toString(), 'first againxand last')
})

t.test('a write that the kernel has not taken whole is reported as taken, or done too soon', async t => {
  for (const pieces of [1, 3]) {
    const { near, far, received } = await connection(t)
    far.pause()
    const sink = new SocketSink(near, never)
    t.ok(sink.write([text('before ')], () => t.fail('nothing waits')))
    const large = Array.from({ length: pieces }, (_, i) => Buffer.alloc((16 * 1024 * 1024) / pieces, 97 + i))
    const expected = Buffer.concat([text('before '), ...large])
    let done = 0
    t.notOk(
      sink.write(large, () => done++),
      'its bytes must stay as they are: they are still referred to',
    )
    t.ok(sink.queued > 1024 * 1024)
    await new Promise(setImmediate)
    t.equal(done, 0, 'the callback of the write before is not its own')
    far.resume()
    await until(() => done === 1)
    t.equal(sink.queued, 0)
    await until(() => received().length === expected.length)
    t.ok(received().equals(expected))
    t.ok(sink.write([text('after')], () => t.fail('nothing waits')))
  }
})

t.test('what somebody else has written and the stream still holds arrives after the media', async t => {
  const { near, received } = await connection(t)
  const sink = new SocketSink(near, never)
  near.cork()
  near.write('head ')
  let done = 0
  t.notOk(sink.write([text('media '), text('piece ')], () => done++))
  near.uncork()
  await until(() => done === 1)
  t.ok(sink.write([text('more')], () => t.fail('nothing waits')))
  await until(() => received().length === 21)
  t.equal(received().toString(), 'head media piece more')
})

t.test('a write to a connection that is gone throws', async t => {
  const { near, far } = await connection(t)
  far.resetAndDestroy()
  await until(() => near.destroyed)
  new SocketSink(near, never).write([text('x'), text('y')], never)
})
