import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { WebSocketServer } from 'ws'
import type { Footage } from '../footage/footage.ts'
import { LoopbackServer } from '../loopback-server.ts'
import { notFound, routes } from './routes.ts'
import type { Stream } from './stream.ts'
import { Streams } from './streams.ts'
import { serveWebSocket } from './websocket.ts'

export interface Go2rtcOptions {
  /** The sources of each stream by its name. */
  readonly streams: Readonly<Record<string, readonly Footage[]>>
  readonly host?: string
  /** 0: any free one. */
  readonly port?: number
  /** `'*'`: pages of any host may connect to the WebSocket; go2rtc has the same setting. */
  readonly origin?: '*'
}

export interface SeenRequest {
  readonly method: string
  readonly url: string
  readonly headers: IncomingHttpHeaders
  /** Of a POST, as far as it has come. */
  body: string
}

const MOST_REQUESTS = 10_000

/** Plays go2rtc over HTTP and WebSocket, and can be watched, stopped and made to misbehave by a test. */
export class Go2rtc {
  /** What arrived, oldest first; the last 10,000. */
  readonly requests: SeenRequest[] = []
  /** Requests whose address it says yes to are taken and never answered. */
  isSilent: (url: string) => boolean = () => false
  readonly #streams: Streams
  readonly #anyOrigin: boolean
  readonly #server: LoopbackServer
  readonly #webSockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: 1 << 20,
  })

  constructor({ streams, host = '127.0.0.1', port = 0, origin }: Go2rtcOptions) {
    this.#streams = new Streams(streams)
    this.#anyOrigin = origin === '*'
    this.#server = new LoopbackServer(
      (request, response) => this.#handle(request, response),
      (request, socket, head) => this.#upgrade(request, socket, head),
      host,
      port,
    )
  }

  /** Listens; after a `stop()` on the same port again. Rejects with the system's error, e.g. EADDRINUSE. */
  start(): Promise<void> {
    return this.#server.start()
  }

  /** Everything is cut at once, as when the process is killed. */
  stop(): Promise<void> {
    for (const stream of this.#streams.all()) stream.closeAll()
    return this.#server.stop()
  }

  get origin(): string {
    return this.#server.origin
  }

  /** Connections now. */
  get connections(): number {
    return this.#server.connections
  }

  /** Connections ever. */
  get totalConnections(): number {
    return this.#server.totalConnections
  }

  /** How often a request would have created a stream in a real go2rtc. */
  get created(): number {
    return this.#streams.created
  }

  get streams(): Iterable<Stream> {
    return this.#streams.all()
  }

  stream(name: string): Stream {
    const stream = this.#streams.byName(name)
    if (!stream) throw new RangeError(`no stream ${name}`)
    return stream
  }

  #handle(request: IncomingMessage, response: ServerResponse): void {
    this.#remember(request)
    if (this.isSilent(request.url ?? '')) return
    const url = new URL(request.url ?? '', 'http://stand-in')
    const route = routes[url.pathname]
    if (route) route({ request, response, query: url.searchParams, streams: this.#streams })
    else if (url.pathname === '/stand-in') response.end(JSON.stringify(this.#counts()))
    else notFound(response)
  }

  /** As there, a page of another host may not connect by default; whether the stream exists shows later. */
  #upgrade(request: IncomingMessage, socket: Socket, head: Buffer): void {
    this.#remember(request)
    if (this.isSilent(request.url ?? '')) {
      socket.on('error', () => {}).resume()
      return
    }
    const { origin, host } = request.headers
    const foreign = !this.#anyOrigin && origin !== undefined && URL.parse(origin)?.host !== host
    if (foreign || URL.parse(request.url ?? '', 'http://stand-in')?.pathname !== '/api/ws') {
      socket.end(`HTTP/1.1 ${foreign ? '403 Forbidden' : '404 Not Found'}\r\nconnection: close\r\n\r\n`)
      return
    }
    this.#webSockets.handleUpgrade(request, socket, head, webSocket =>
      serveWebSocket(webSocket, request, this.#streams),
    )
  }

  #remember(request: IncomingMessage): void {
    const { method = '', url = '', headers } = request
    const seen = { method, url, headers, body: '' }
    if (method === 'POST')
      request.on('data', chunk => {
        seen.body += chunk
      })
    this.requests.push(seen)
    if (this.requests.length > MOST_REQUESTS) this.requests.shift()
  }

  /** `GET /stand-in`, for those who watch from another process. */
  #counts() {
    const streams = [...this.#streams.all()].map(({ name, consumers, opened }) => [
      name,
      { consumers: consumers.size, opened },
    ])
    return {
      connections: this.connections,
      totalConnections: this.totalConnections,
      created: this.created,
      streams: Object.fromEntries(streams),
    }
  }
}
