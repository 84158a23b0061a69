import t from 'tap'
import { SocketSink } from '../../src/live/socket-sink.ts'
import { connection } from '../support/connection.ts'
import { until } from '../support/until.ts'

const text = (chunk: string) => Buffer.from(chunk)

t.test('the head of a reply that the stream still holds arrives after the media', async t => {
  const { near, received } = await connection(t)
  const sink = new SocketSink(near, () => {})
  near.cork()
  near.write('head ')
  let done = 0
  t.notOk(sink.writeOne(text('media '), undefined, () => done++))
  near.uncork()
  t.ok(await until(() => done === 1))
  t.ok(sink.writeOne(text('more'), undefined, () => t.fail('the kernel took it at once')))
  t.ok(await until(() => received().length === 15))
  t.equal(received().toString(), 'head media more')
})

t.test('a message of somebody else gets between the pieces of another', async t => {
  const { near, received } = await connection(t)
  const sink = new SocketSink(near, () => {})
  t.ok(sink.writeOne(text('init '), undefined, () => {}))
  near.cork()
  near.write('message ')
  let done = 0
  t.notOk(sink.write([text('piece '), text('of ')], () => done++))
  near.uncork()
  t.ok(await until(() => done === 1))
  t.ok(sink.write([text('two')], () => {}))
  t.ok(await until(() => received().length === 25))
  t.equal(received().toString(), 'init message piece of two')
})

t.test('what waits for a viewer who does not read is not counted', async t => {
  const { near, far } = await connection(t)
  far.pause()
  const sink = new SocketSink(near, () => {})
  t.notOk(sink.writeOne(Buffer.alloc(16 * 1024 * 1024), undefined, () => {}))
  t.ok(sink.queued > 1024 * 1024)
})
