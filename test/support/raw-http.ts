import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import type { Test } from 'tap'

export interface RawReply {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** What of an endless answer is enough. */
const ENOUGH = 64 * 1024
/** A server that is silent for so long will say no more, in milliseconds. */
const SILENT_MS = 20_000

/** Sends bytes as they are and returns what comes back until the server closes, `enough` has come, or it goes on and on. */
export async function sendRaw(port: number, bytes: string, enough?: RegExp): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  let received = ''
  const over = Promise.withResolvers<void>()
  socket.setTimeout(SILENT_MS, over.resolve)
  socket.on('data', chunk => {
    received += chunk.toString('latin1')
    if (received.length > ENOUGH || enough?.test(received)) over.resolve()
  })
  socket.on('close', () => over.resolve())
  socket.on('error', () => over.resolve())
  socket.write(Buffer.from(bytes, 'latin1'))
  await over.promise
  socket.destroy()
  return received
}

/** The replies in what one connection answered: each head with as much of a body as it announces. */
export function repliesIn(received: string): RawReply[] {
  const replies: RawReply[] = []
  for (let at = 0; at < received.length; ) {
    const end = received.indexOf('\r\n\r\n', at)
    const [, status] = /^HTTP\/1\.1 (\d{3})/.exec(received.slice(at)) ?? []
    if (end < 0 || status === undefined) throw new Error(`no reply: ${received.slice(at, at + 80)}`)
    const [, ...lines] = received.slice(at, end).split('\r\n')
    const headers = Object.fromEntries(
      lines.map(line => [line.split(':', 1)[0]!.toLowerCase(), line.replace(/^[^:]*:\s*/, '')]),
    )
    const length = Number(headers['content-length'] ?? received.length)
    replies.push({ status: Number(status), headers, body: received.slice(end + 4, end + 4 + length) })
    at = end + 4 + length
  }
  return replies
}

/** Takes the place of go2rtc or Frigate, and keeps every byte that it is sent; `answer` gets each piece. */
export async function startRecorder(t: Test, answer: (text: string, socket: Socket) => void) {
  const received: Buffer[] = []
  const sockets = new Set<Socket>()
  const server = createServer(socket => {
    sockets.add(socket)
    socket.on('error', () => {}).on('close', () => sockets.delete(socket))
    socket.on('data', chunk => {
      received.push(Buffer.from(chunk))
      answer(chunk.toString('latin1'), socket)
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const { port } = server.address() as { port: number }
  return { origin: `http://127.0.0.1:${port}`, text: () => Buffer.concat(received).toString('latin1') }
}
