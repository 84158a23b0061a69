import t from 'tap'
import { directSocket } from '../../src/live/direct-write.ts'
import { connection } from '../support/connection.ts'
import { until } from '../support/until.ts'

t.test('this Node does not offer what direct writes need', async t => {
  const { near } = await connection(t)
  t.ok(directSocket(near), 'read lib/net.js again, or let sockets be written as usual')
})

t.test('a small write waits, or arrives out of order with what the socket itself was given', async t => {
  const { near, received } = await connection(t)
  const writer = directSocket(near)!
  const late = () => t.fail('the kernel took it at once')
  near.write('one ')
  t.ok(writer.write([Buffer.from('two '), Buffer.from('three ')], late))
  const once = Buffer.from('four ')
  t.ok(writer.writeOne(once, late))
  once.fill('x')
  near.write('five')
  t.ok(await until(() => received().length >= 23))
  t.equal(received().toString(), 'one two three four five')
  t.equal(writer.queued, 0)
})

t.test('what the kernel does not take at once is lost, repeated or reported as sent', async t => {
  const { near, far, received } = await connection(t)
  const writer = directSocket(near)!
  far.pause()
  const large = Buffer.alloc(16 * 1024 * 1024, 'abcdefg')
  const done: number[] = []
  const ways = [
    () => writer.write([Buffer.from('>'), large], () => done.push(0)),
    () => writer.write([Buffer.from('<')], () => done.push(1)),
    () => writer.writeOne(large, () => done.push(2)),
    () => writer.writeOne(Buffer.from('.'), () => done.push(3)),
  ]
  for (const write of ways) t.notOk(write(), 'not taken at once')
  t.same(done, [])
  t.ok(writer.queued > 1024 * 1024, 'it waits in user space')
  far.resume()
  t.ok(await until(() => done.length === ways.length))
  t.same(done, [0, 1, 2, 3])
  const all = Buffer.concat([Buffer.from('>'), large, Buffer.from('<'), large, Buffer.from('.')])
  t.ok(await until(() => received().length === all.length))
  t.ok(received().equals(all))
  t.equal(writer.queued, 0)
})

t.test('a write that waits is never done when its connection goes', async t => {
  for (const goes of ['near', 'far'] as const) {
    const { near, far } = await connection(t)
    const writer = directSocket(near)!
    far.pause()
    let done = 0
    writer.write([Buffer.alloc(16 * 1024 * 1024)], () => done++)
    if (goes === 'near') near.destroy()
    else far.resetAndDestroy()
    t.ok(await until(() => done === 1 && near.destroyed), goes)
  }
})

t.test('a write to a connection that is gone throws, or leaves the socket open', async t => {
  const { near, far } = await connection(t)
  const writer = directSocket(near)!
  far.resetAndDestroy()
  t.ok(
    await until(() => {
      writer.write([Buffer.from('x')], () => {})
      return near.destroyed
    }),
  )
  writer.write([Buffer.from('x')], () => t.fail('there is nobody'))
})
