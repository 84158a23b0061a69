import { PassThrough, Writable } from 'node:stream'
import t from 'tap'
import type { PulledBody } from '../../src/upstream/media.ts'
import { Pages } from '../../src/upstream/pages.ts'
import { sendPulled } from '../../src/upstream/send-pulled.ts'
import { BytesBody } from '../support/pulled-body.ts'

t.test('a body that breaks off would look whole', async t => {
  const body: PulledBody = {
    read: async () => {
      throw new Error('upstream is gone')
    },
    close: () => {},
  }
  const out = new PassThrough()
  await sendPulled(body, out.resume(), Buffer.alloc(10))
  t.ok(out.destroyed)
  t.notOk(out.writableFinished)
})

t.test('a client that takes nothing would be read for, or keep the body after it has left', async t => {
  let taken = () => {}
  let writes = 0
  const out = new Writable({
    highWaterMark: 1,
    write: (_chunk, _encoding, done) => {
      writes++
      taken = done
    },
  })
  const body = new BytesBody(Buffer.alloc(1000))
  const sent = sendPulled(body, out, Buffer.alloc(10))
  while (writes < 1) await new Promise(resolve => setImmediate(resolve))
  taken()
  while (writes < 2) await new Promise(resolve => setImmediate(resolve))
  out.destroy()
  await sent
  t.equal(writes, 2)
  t.ok(body.closed)
})

t.test('two clients share a page, or a page is made for each client anew', async t => {
  const pages = new Pages()
  const taken = Array.from({ length: 20 }, () => pages.take())
  t.equal(new Set(taken).size, taken.length)
  const first = taken[0]!
  pages.give(first)
  t.equal(pages.take(), first, 'a page is used again')
  for (const page of taken) pages.give(page)
  t.equal(pages.inUse, 0)
})
