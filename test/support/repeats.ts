import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import type { Test } from 'tap'
import { Viewers } from '../../src/access/viewers.ts'
import { type Answer, isVoid } from '../../src/repeats/answer.ts'
import { Repeats } from '../../src/repeats/repeats.ts'
import { compiledRepeat } from './addon.ts'
import { until } from './until.ts'

const binding = compiledRepeat()

export const FOLDER = '/shelf/'
const IDENTITY = {
  userId: 1,
  username: 'viewer',
  isAdmin: false,
  isActive: true,
  sessionId: 'session',
  expiresAt: Number.POSITIVE_INFINITY,
  access: { mode: 'all' },
} as const

/** A server that gives what is below `/shelf/`, lets it be asked for again, and counts what it is asked itself. */
export async function shelfServer(
  t: Test,
  answers: Record<string, Answer>,
  {
    leaseMs = 60_000,
    stalledMs = 60_000,
  }: { leaseMs?: number | undefined; stalledMs?: number | undefined } = {},
) {
  const viewers = new Viewers()
  const repeats = new Repeats(viewers, { binding, leaseMs, stalledMs, keepAliveMs: 70_000 })
  const shelf = repeats.shelf()
  const judged: string[] = []
  let beforeReply = async () => {}
  const reply = async (request: IncomingMessage, response: ServerResponse) => {
    repeats.hear(request)
    judged.push(`${request.method} ${request.url}`)
    const name = request.url!.slice(FOLDER.length)
    const answer = answers[name] && !isVoid(answers[name]) ? answers[name] : undefined
    await beforeReply()
    let body = ''
    for await (const chunk of request) body += chunk
    const length = answer?.pieces.reduce((sum, piece) => sum + piece.length, 0) ?? body.length
    const headers = { 'content-type': 'text/plain', 'content-length': length, 'x-own': 'of the connection' }
    if (answer)
      repeats.offer(request, response, {
        folder: FOLDER,
        shelf,
        repeater: { identity: IDENTITY, kind: 'hls' },
        headers: () => headers,
        name,
        answer: () => answer,
      })
    response.writeHead(answer ? 200 : 404, headers)
    response.end(answer ? Buffer.concat(answer.pieces) : body)
  }
  const server = createServer({ keepAliveTimeout: 70_000 }, (request, response) => {
    reply(request, response).catch(() => response.destroy())
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return {
    viewers,
    repeats,
    shelf,
    judged,
    /** One whose reads are followed: it has asked for something before. */
    client: async () => {
      const client = openClient(t, port)
      client.say('GET /before HTTP/1.1\r\nHost: here\r\n\r\n')
      await client.reply()
      judged.pop()
      return client
    },
    before: (run: () => Promise<void>) => {
      beforeReply = run
    },
  }
}

/** A client that says what it is told to, in one write. */
export function openClient(t: Test, port: number) {
  const socket = connect(port, '127.0.0.1').setNoDelay()
  socket.on('error', () => {})
  t.teardown(() => socket.destroy())
  let chunks: Buffer[] = []
  let bytes = 0
  let needed = 0
  socket.on('data', chunk => {
    chunks.push(chunk)
    bytes += chunk.length
  })
  const next = () => {
    if (bytes < needed) return undefined
    const received = Buffer.concat(chunks)
    chunks = [received]
    const at = received.indexOf('\r\n\r\n')
    if (at < 0) return undefined
    const head = received.subarray(0, at).toString('latin1')
    const end = at + 4 + Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0)
    needed = received.length < end ? end : 0
    if (needed > 0) return undefined
    const body = received.subarray(at + 4, end)
    chunks = [received.subarray(end)]
    bytes -= end
    return { head, body, status: Number(head.split(' ')[1]) }
  }
  return {
    socket,
    say: (text: string) => socket.write(text, 'latin1'),
    get left() {
      return Buffer.concat(chunks).toString('latin1')
    },
    /** The next whole reply. */
    async reply() {
      let found: ReturnType<typeof next>
      await until(() => {
        found = next()
        return found !== undefined
      })
      return found!
    },
  }
}

export function requestFor(name: string, headers = 'Host: here\r\nX-Who: me\r\n', method = 'GET'): string {
  return `${method} ${FOLDER}${name} HTTP/1.1\r\n${headers}\r\n`
}
