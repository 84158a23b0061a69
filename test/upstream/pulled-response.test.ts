import { randomFillSync } from 'node:crypto'
import { createServer, type RequestListener, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { Pool } from 'undici'
import { PulledResponse } from '../../src/upstream/pulled-response.ts'
import { readAll } from '../support/pulled-body.ts'
import { until } from '../support/until.ts'

/** An upstream, and what pulls answers from it. */
async function upstream(t: Test, listener: RequestListener, connections = 4) {
  const server = createServer(listener)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const pool = new Pool(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, { connections })
  t.teardown(async () => {
    await pool.destroy()
    server.closeAllConnections()
    server.close()
  })
  const ask = (signal?: AbortSignal, explain = (error: unknown) => error) => {
    const response = new PulledResponse(signal, explain)
    pool.dispatch({ method: 'GET', path: '/' }, response)
    return response
  }
  return { ask, pool }
}

const BYTES = randomFillSync(Buffer.alloc(3_000_000))

/** As the writer likes, whatever the reader does. */
function writeIn(response: ServerResponse, chunk: number): void {
  let at = 0
  const write = () => {
    while (at < BYTES.length && !response.destroyed) {
      const part = BYTES.subarray(at, at + chunk)
      at += part.length
      if (!response.write(part)) {
        response.once('drain', write)
        return
      }
    }
    if (at >= BYTES.length) response.end()
  }
  write()
}

for (const [framing, headers] of [
  ['chunked', {}],
  ['with a length', { 'content-length': BYTES.length }],
] as const)
  t.test(`${framing}: bytes would come out otherwise than they went in, or from freed memory`, async t => {
    for (const chunk of [997, 8192, 65_536, 1_000_000])
      for (const page of [1000, 65_536]) {
        const { ask } = await upstream(t, (_, response) => {
          response.writeHead(200, headers)
          writeIn(response, chunk)
        })
        const [one, other] = await Promise.all([ask().answer, ask().answer])
        const read = await Promise.all([one, other].map(({ body }) => readAll(body, Buffer.alloc(page))))
        for (const bytes of read) t.ok(bytes.equals(BYTES), `chunks of ${chunk} in pages of ${page}`)
        t.equal(await one.body.read(Buffer.alloc(page)), 0, 'and stays at its end')
      }
  })

t.test('a reader that takes nothing would have everything read for it', async t => {
  let sent = 0
  const { ask } = await upstream(t, (_, response) => {
    const send = () => {
      do sent += 64 * 1024
      while (response.write(Buffer.alloc(64 * 1024)) && !response.destroyed)
    }
    response.on('drain', send)
    send()
  })
  const { body } = await ask().answer
  let before = -1
  await until(() => {
    const same = sent === before
    before = sent
    return same && sent > 0
  })
  t.ok(sent < 16 * 1024 * 1024)
  t.equal(await body.read(Buffer.alloc(10)), 10)
  body.close()
})

t.test(
  'an answer of many small pieces would be refused, or the next one on its connection broken',
  async t => {
    const { ask } = await upstream(
      t,
      (_, response) => {
        response.writeHead(200, { 'content-length': 3 })
        for (const byte of ['a', 'b', 'c']) response.write(byte)
        response.end()
      },
      1,
    )
    for (let i = 0; i < 3; i++) {
      const { body } = await ask().answer
      t.equal((await readAll(body)).toString(), 'abc')
      body.close()
    }
  },
)

t.test('to close a body would leave its reader waiting, or the upstream sending', async t => {
  let answering = 0
  const { ask } = await upstream(t, (_, response) => {
    answering++
    response.once('close', () => answering--)
    response.write('begun')
  })
  const { body } = await ask().answer
  t.equal(await body.read(Buffer.alloc(10)), 5)
  const waiting = body.read(Buffer.alloc(10))
  body.close()
  body.close()
  t.equal(await waiting, 0)
  t.equal(await body.read(Buffer.alloc(10)), 0)
  await until(() => answering === 0)
})

t.test(
  'an abort would not reach the upstream: before its headers, in line, and in the midst of a body',
  async t => {
    let asked = 0
    let answering = 0
    const { ask, pool } = await upstream(
      t,
      (_, response) => {
        if (++asked === 2) response.write('begun')
        answering++
        response.once('close', () => answering--)
      },
      1,
    )
    const gone = new AbortController()
    const before = ask(gone.signal)
    const inLine = ask(gone.signal)
    await until(() => asked === 1)
    gone.abort()
    await t.rejects(before.answer, { name: 'AbortError' })
    await t.rejects(inLine.answer, { name: 'AbortError' })
    await Promise.all([before.done, inLine.done])
    await until(() => answering === 0)
    t.equal(asked, 1, 'what waited in line was not begun')

    const later = new AbortController()
    const { body } = await ask(later.signal).answer
    t.equal(await body.read(Buffer.alloc(10)), 5)
    later.abort()
    await t.rejects(body.read(Buffer.alloc(10)), { name: 'AbortError' })
    await until(() => answering === 0 && pool.stats.running === 0)
    await t.rejects(ask(AbortSignal.abort()).answer, { name: 'AbortError' })
    t.equal(asked, 2)
  },
)

t.test(
  'a body that breaks off would look whole; its reader hears why in the words of the caller',
  async t => {
    const { ask } = await upstream(t, (_, response) => {
      response.writeHead(200, { 'content-length': 100 })
      response.write('half')
      setImmediate(() => response.destroy())
    })
    const { body } = await ask(undefined, () => new Error('in other words')).answer
    t.equal(await body.read(Buffer.alloc(10)), 4)
    await t.rejects(body.read(Buffer.alloc(10)), { message: 'in other words' })
  },
)
