import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import type { Test } from 'tap'
import t from 'tap'
import { hlsOf, joined, playedCamera, ROOMY } from '../support/hls.ts'

const LARGE = { ...ROOMY, streamBytes: 256 * 1024 * 1024, processBytes: 256 * 1024 * 1024 }

/** HLS with segments of 8 MB, the newest of which a client fetches that does not read yet. */
async function fetched(t: Test) {
  const { hub, send } = await playedCamera(
    t,
    { gop: 2, fps: 25, bitrate: 32_000_000, syncWeight: 2 },
    { limits: LARGE },
  )
  send(60)
  const { hls } = hlsOf(hub)
  send(100)
  const { parts } = hls.window!.segments.at(-1)!
  const server = createServer((_, response) => {
    response.writeHead(200, { 'content-length': sent.length })
    hls.deliver(response, parts, { start: 0, end: sent.length - 1 })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const sent = joined(parts)
  const asked = once(server, 'request')
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1')
  t.teardown(() => {
    client.destroy()
    server.close()
  })
  client.write('GET / HTTP/1.1\r\nHost: here\r\n\r\n')
  const [, response] = (await asked) as [unknown, ServerResponse]
  /** The window goes on until it holds the segment no more, and others want memory. */
  const letGo = () => {
    send(500)
    hls.expire(Number.POSITIVE_INFINITY)
    for (let i = 0; i < 64; i++) Buffer.alloc(256 * 1024, 0xff)
  }
  return { hls, client, response, sent, parts, letGo }
}

async function body(client: AsyncIterable<Buffer>, length: number): Promise<Buffer> {
  const pieces: Buffer[] = []
  let bytes = 0
  for await (const piece of client) {
    pieces.push(piece)
    bytes += piece.length
    const head = Buffer.concat(pieces.slice(0, 4)).indexOf('\r\n\r\n') + 4
    if (bytes >= head + length) return Buffer.concat(pieces).subarray(head)
  }
  throw new Error('the connection ended in the middle')
}

t.test(
  'a slow client gets other bytes than it asked for once the window has passed them, or they are held for ever',
  async t => {
    const { client, response, sent, parts, letGo } = await fetched(t)
    letGo()
    t.ok(response.writableLength > 0, 'some of it waits in the server')
    t.ok(parts.every(part => !part.gone))
    const closed = once(response, 'close')
    t.ok((await body(client, sent.length)).equals(sent))
    await closed
    t.ok(
      parts.every(part => part.gone),
      'it is given back as soon as the client has it',
    )
  },
)

t.test('a client that breaks off keeps what it had asked for in memory', async t => {
  const { client, response, parts, letGo } = await fetched(t)
  letGo()
  t.ok(parts.every(part => !part.gone))
  const closed = once(response, 'close')
  client.destroy()
  await closed
  t.ok(parts.every(part => part.gone))
})

t.test('a delivery goes on although its stream has ended, or is still counted', async t => {
  const { hls, response, parts, letGo } = await fetched(t)
  letGo()
  hls.close()
  t.equal(response.destroyed, true)
  t.ok(parts.every(part => part.gone))
})

t.test('a segment that nobody fetches stays in memory once the window has passed it', async t => {
  const { hub, send } = await playedCamera(t, { gop: 1, fps: 25, bitrate: 4_000_000, audio: 'aac' })
  send(60)
  const { hls } = hlsOf(hub)
  send(150)
  const [part] = hls.window!.segments.at(-1)!.parts
  t.equal(part!.gone, false)
  send(1000)
  hls.expire(Number.POSITIVE_INFINITY)
  t.equal(part!.gone, true, 'and whoever has still got hold of it can tell')
})
