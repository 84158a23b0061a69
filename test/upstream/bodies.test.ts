import { PassThrough, Readable, Writable } from 'node:stream'
import t from 'tap'
import { Pages } from '../../src/upstream/pages.ts'
import { sendPulled } from '../../src/upstream/send-pulled.ts'
import { StreamBody } from '../../src/upstream/stream-body.ts'

async function readAll(body: StreamBody, into: Buffer): Promise<Buffer> {
  const read: Buffer[] = []
  for (let bytes = await body.read(into); bytes > 0; bytes = await body.read(into))
    read.push(Buffer.from(into.subarray(0, bytes)))
  return Buffer.concat(read)
}

t.test('a body would come out otherwise than it went in, whatever the sizes of chunks and page', async t => {
  const bytes = Buffer.from(Array.from({ length: 1000 }, (_, i) => i))
  for (const chunk of [1, 7, 99, 1000])
    for (const page of [1, 8, 100, 4096]) {
      const chunks = Array.from({ length: Math.ceil(1000 / chunk) }, (_, i) =>
        bytes.subarray(i * chunk, (i + 1) * chunk),
      )
      const body = new StreamBody(Readable.from([Buffer.alloc(0), ...chunks]))
      t.ok((await readAll(body, Buffer.alloc(page))).equals(bytes), `chunks of ${chunk} in pages of ${page}`)
      t.equal(await body.read(Buffer.alloc(page)), 0, 'and stays at its end')
    }
})

t.test('to close a body would leave whoever reads it waiting', async t => {
  const stream = new PassThrough()
  const body = new StreamBody(stream)
  const waiting = body.read(Buffer.alloc(10))
  body.close()
  body.close()
  t.equal(await waiting, 0)
  t.equal(await body.read(Buffer.alloc(10)), 0)
  t.ok(stream.destroyed)
})

t.test('a body that breaks off would look whole', async t => {
  const stream = new PassThrough()
  const body = new StreamBody(stream)
  stream.write('half')
  t.equal(await body.read(Buffer.alloc(10)), 4)
  stream.destroy(new Error('upstream is gone'))
  await t.rejects(body.read(Buffer.alloc(10)), { message: 'upstream is gone' })

  const other = new PassThrough()
  other.write('half')
  const out = new PassThrough()
  const sent = sendPulled(new StreamBody(other), out.resume(), Buffer.alloc(10))
  await new Promise(resolve => setImmediate(resolve))
  other.destroy(new Error('upstream is gone'))
  await sent
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
  const stream = Readable.from(Array.from({ length: 100 }, () => Buffer.alloc(10)))
  const sent = sendPulled(new StreamBody(stream), out, Buffer.alloc(10))
  while (writes < 1) await new Promise(resolve => setImmediate(resolve))
  taken()
  while (writes < 2) await new Promise(resolve => setImmediate(resolve))
  out.destroy()
  await sent
  t.equal(writes, 2)
  t.ok(stream.destroyed)
})

t.test('MEDIA_BUSY: a crowd would take all memory', async t => {
  const pages = new Pages()
  const taken: Buffer[] = []
  t.throws(
    () => {
      for (let i = 0; i < 1000; i++) taken.push(pages.take())
    },
    { code: 'MEDIA_BUSY', statusCode: 503, retryAfter: 5 },
  )
  t.ok(taken.length >= 100, 'a house full of clients is none')
  t.ok(taken.length * taken[0]!.length <= 8 * 1024 * 1024)
  t.equal(new Set(taken).size, taken.length, 'nobody shares a page')
  const first = taken[0]!
  pages.give(first)
  t.equal(pages.take(), first, 'a page is used again')
  for (const page of taken) pages.give(page)
  t.equal(pages.inUse, 0)
})
