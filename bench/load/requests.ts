import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { percentile } from './summary.ts'

export interface RequestLoad {
  readonly origin: string
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly connections: number
  /** For which they count. */
  readonly seconds: number
  /** For so many seconds before that they do not: V8 compiles what it has seen often. */
  readonly after?: number
  /** Requests a second over all connections; as many as go if absent. */
  readonly rate?: number
}

export interface RequestFigures {
  readonly perSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly failed: number
}

/**
 * Keep-alive connections that each ask, wait for the whole answer, and ask again. Plain sockets and no parsing beyond
 * the length, so that not the client is measured; every answer must be a 200. `counting` is called when they begin to count.
 */
export async function runRequests(load: RequestLoad, counting = () => {}): Promise<RequestFigures> {
  const url = new URL(load.path, load.origin)
  const headers = Object.entries(load.headers ?? {}).map(([name, value]) => `${name}: ${value}\r\n`)
  const message = Buffer.from(`GET ${url.pathname} HTTP/1.1\r\nhost: ${url.host}\r\n${headers.join('')}\r\n`)
  const latencies: number[] = []
  let failed = 0
  const from = performance.now() + (load.after ?? 0) * 1000
  const until = from + load.seconds * 1000
  const beginning = pause((load.after ?? 0) * 1000).then(counting)
  const pauseMs = load.rate === undefined ? 0 : (load.connections / load.rate) * 1000

  const clients = Array.from({ length: load.connections }, async (_, index) => {
    const socket = connect(Number(url.port), url.hostname)
    socket.setNoDelay()
    await once(socket, 'connect')
    if (pauseMs > 0) await pause((pauseMs * index) / load.connections)
    while (performance.now() < until) {
      const startedAt = performance.now()
      socket.write(message)
      if (!(await answered(socket))) failed++
      const tookMs = performance.now() - startedAt
      if (startedAt >= from) latencies.push(tookMs)
      if (pauseMs > tookMs) await pause(pauseMs - tookMs)
    }
    socket.destroy()
  })
  await Promise.all([beginning, ...clients])
  return {
    perSecond: Math.round(latencies.length / load.seconds),
    p50Ms: round(percentile(latencies, 0.5)),
    p99Ms: round(percentile(latencies, 0.99)),
    failed,
  }
}

/** Whether one whole answer came and was a 200. */
function answered(socket: Socket): Promise<boolean> {
  return new Promise((resolve, reject) => {
    let received: Buffer = Buffer.alloc(0)
    const onData = (chunk: Buffer) => {
      received = received.length === 0 ? chunk : Buffer.concat([received, chunk])
      const head = received.indexOf('\r\n\r\n')
      if (head < 0) return
      const length = /content-length: (\d+)/i.exec(received.toString('latin1', 0, head))?.[1]
      if (length === undefined || received.length < head + 4 + Number(length)) return
      finish()
      resolve(received.toString('latin1', 9, 12) === '200')
    }
    const onClose = () => {
      finish()
      reject(new Error('the server closed a connection'))
    }
    const finish = () => {
      socket.off('data', onData)
      socket.off('close', onClose)
    }
    socket.on('data', onData)
    socket.on('close', onClose)
  })
}

function pause(ms: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, ms))
}

function round(value: number | undefined): number {
  return Math.round((value ?? 0) * 100) / 100
}
