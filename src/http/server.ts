import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http'
import type { Socket } from 'node:net'
import { refuseUnreadable } from './client-error.ts'
import type { Connections } from './connections.ts'
import { TooManyConnections } from './errors.ts'
import { Pipeline } from './pipeline.ts'
import { refuse } from './refuse.ts'

/** Within so long the headers of a request have come, in milliseconds, and within the setting all of it. */
const HEADERS_MS = 10_000
/** So often Node looks who is late. */
const LOOK_MS = 1000
/** A client that takes nothing of its answer for so long is cut. */
const STALLED_MS = 15_000
/** Longer than proxies keep connections to a server open, so that they close them and not we. */
const KEEP_ALIVE_MS = 72_000

const HEALTH = '/health'

export interface HttpServerOptions {
  readonly connections: Connections
  /** Within so many milliseconds a whole request has come, headers and body. */
  readonly requestMs: number
  /** Whether a path answers with a WebSocket; elsewhere a request to upgrade is a request like any other. */
  isWebSocket(path: string): boolean
  /** What the operating system says when it takes no more connections. */
  onError(error: Error): void
}

/** Node's HTTP server with a bound on each thing that a stranger can make more of: connections, requests in flight, and time. */
export function createHttpServer(answer: RequestListener, options: HttpServerOptions): Server {
  const { connections, requestMs, isWebSocket, onError } = options
  const pipeline = new Pipeline((request, response) => {
    if (!connections.isLate(request.socket)) answer(request, response)
    else answerLate(answer, request, response)
  })
  const server = createServer(
    {
      headersTimeout: Math.min(HEADERS_MS, requestMs),
      requestTimeout: requestMs,
      connectionsCheckingInterval: LOOK_MS,
      keepAliveTimeout: KEEP_ALIVE_MS,
      // A request without a body gets no stream to read it from, which costs Node as much as a small route. See `json-body`.
      optimizeEmptyRequests: true,
      // Behind a request that is not answered the connection is not free to become a WebSocket.
      shouldUpgradeCallback: ({ url = '', socket }) =>
        isWebSocket(url.split('?', 1)[0]!) && !connections.isLate(socket) && !pipeline.isAnswering(socket),
    },
    pipeline.add,
  )
  server.on('connection', (socket: Socket) => connections.accept(socket))
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) =>
    refuseUnreadable(error, socket, pipeline.hasBegun(socket)),
  )
  // A listener of its own takes over what Node does by itself, which is to end whatever is silent, also while an answer is prepared.
  server.setTimeout(STALLED_MS, socket => {
    if (!pipeline.isAnswering(socket) || socket.writableLength > 0) socket.destroy()
  })
  server.once('listening', () => server.on('error', onError))
  return server
}

/** Health is told also beyond the limit of connections, and nothing else. */
function answerLate(answer: RequestListener, request: IncomingMessage, response: ServerResponse): void {
  response.shouldKeepAlive = false
  if (request.url?.split('?', 1)[0] === HEALTH) answer(request, response)
  else refuse(response, new TooManyConnections())
}
