import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { requestBytes } from './request-bytes.ts'

/** A connection with more requests that are not answered is closed. */
const MOST_UNANSWERED = 8
/** What waits on all connections together; whoever would add to it is closed. */
const MOST_WAITING_BYTES = 2 * 1024 * 1024

interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
}

interface Connection {
  answering: ServerResponse | undefined
  readonly waiting: Exchange[]
}

/** Hands requests on one at a time for each connection: a pipelined one (RFC 9112, 9.3.2) waits until those before it are answered. */
export class Pipeline {
  readonly #answer: RequestListener
  readonly #connections = new WeakMap<Socket, Connection>()
  #waitingBytes = 0

  constructor(answer: RequestListener) {
    this.#answer = answer
  }

  /** Whether a request of this connection has been handed on and is not answered. */
  isAnswering(socket: Socket): boolean {
    return this.#connections.get(socket)?.answering !== undefined
  }

  /** Whether a part of an answer may be on its way. */
  hasBegun(socket: Socket): boolean {
    return this.#connections.get(socket)?.answering?.headersSent ?? false
  }

  readonly add = (request: IncomingMessage, response: ServerResponse): void => {
    const { socket } = request
    if (socket.destroyed) return
    const connection = this.#connectionOf(socket)
    const exchange = { request, response }
    if (connection.answering) this.#wait(socket, connection, exchange)
    else this.#begin(socket, connection, exchange)
  }

  #connectionOf(socket: Socket): Connection {
    let connection = this.#connections.get(socket)
    if (!connection) {
      connection = { answering: undefined, waiting: [] }
      this.#connections.set(socket, connection)
    }
    return connection
  }

  #wait(socket: Socket, { waiting }: Connection, exchange: Exchange): void {
    const bytes = requestBytes(exchange.request)
    if (waiting.length + 2 > MOST_UNANSWERED || this.#waitingBytes + bytes > MOST_WAITING_BYTES) {
      socket.destroy()
      return
    }
    this.#waitingBytes += bytes
    waiting.push(exchange)
  }

  #begin(socket: Socket, connection: Connection, { request, response }: Exchange): void {
    connection.answering = response
    response.once('close', () => this.#next(socket, connection))
    this.#answer(request, response)
  }

  #next(socket: Socket, connection: Connection): void {
    connection.answering = undefined
    const { waiting } = connection
    const going = socket.destroyed ? waiting.splice(0) : waiting.splice(0, 1)
    for (const { request } of going) this.#waitingBytes -= requestBytes(request)
    if (going[0] && !socket.destroyed) this.#begin(socket, connection, going[0])
  }
}
