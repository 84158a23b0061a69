import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import t, { type Test } from 'tap'
import { directWriter } from '../../src/live/direct-write.ts'
import { until } from '../support/until.ts'

/** Both ends of a connection, and what has arrived at the far one. */
async function connection(t: Test) {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  const far = connect(port, '127.0.0.1')
  const [near] = (await once(server, 'connection')) as [Socket]
  const chunks: Buffer[] = []
  far.on('data', chunk => chunks.push(chunk))
  for (const socket of [near, far]) socket.on('error', () => {})
  t.teardown(() => {
    near.destroy()
    far.destroy()
    server.close()
  })
  return { near, far, received: () => Buffer.concat(chunks) }
}

const writer = directWriter()!

t.test('this Node does not offer what direct writes need', async t => {
  t.ok(writer, 'read lib/net.js again, or let sockets be written as usual')
})

t.test('a small write waits, or arrives out of order with what the socket itself was given', async t => {
  const { near, received } = await connection(t)
  let done = 0
  near.write('one ')
  writer.write(near, [Buffer.from('two '), Buffer.from('three ')], () => done++)
  t.equal(done, 1, 'the kernel took it at once')
  near.write('four')
  t.ok(await until(() => received().length >= 18))
  t.equal(received().toString(), 'one two three four')
  t.equal(writer.queued(near), 0)
})

t.test('what the kernel does not take at once is lost, repeated or reported as sent', async t => {
  const { near, far, received } = await connection(t)
  far.pause()
  const large = Buffer.alloc(16 * 1024 * 1024, 'abcdefg')
  let [first, second] = [false, false]
  writer.write(near, [Buffer.from('>'), large], () => {
    first = true
  })
  writer.write(near, [Buffer.from('<')], () => {
    second = true
  })
  t.notOk(first)
  t.ok(writer.queued(near) > 1024 * 1024, 'it waits in user space')
  far.resume()
  t.ok(await until(() => first && second))
  t.ok(await until(() => received().length === large.length + 2))
  t.ok(received().equals(Buffer.concat([Buffer.from('>'), large, Buffer.from('<')])))
  t.equal(writer.queued(near), 0)
})

t.test('a write that waits is never done when its connection goes', async t => {
  for (const goes of ['near', 'far'] as const) {
    const { near, far } = await connection(t)
    far.pause()
    let done = 0
    writer.write(near, [Buffer.alloc(16 * 1024 * 1024)], () => done++)
    if (goes === 'near') near.destroy()
    else far.resetAndDestroy()
    t.ok(await until(() => done === 1 && near.destroyed), goes)
  }
})

t.test('a write to a connection that is gone throws, or leaves the socket open', async t => {
  const { near, far } = await connection(t)
  far.resetAndDestroy()
  t.ok(
    await until(() => {
      writer.write(near, [Buffer.from('x')], () => {})
      return near.destroyed
    }),
  )
  writer.write(near, [Buffer.from('x')], () => t.fail('there is nobody'))
})
