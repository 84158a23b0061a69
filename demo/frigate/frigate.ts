import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { type WebSocket, WebSocketServer } from 'ws'
import { LoopbackServer } from '../loopback-server.ts'
import type { FrigateOptions, Played } from './exchange.ts'
import type { Household, HouseholdEvent } from './household.ts'
import { respond } from './routes.ts'
import { eventMessage } from './shapes.ts'

export interface SeenRequest {
  readonly method: string
  readonly url: string
  readonly headers: IncomingHttpHeaders
}

const MOST_REQUESTS = 10_000

/** Plays Frigate in the shapes of one of its versions, and can be watched, stopped and made to misbehave by a test. */
export class Frigate implements Played {
  /** What arrived, oldest first; the last 10,000. */
  readonly requests: SeenRequest[] = []
  readonly options: FrigateOptions
  /** Ids of the review items that have been seen. */
  readonly reviewed = new Set<string>()
  /** Frames a second that come in from a camera, where not 5; 0 makes its latest picture the error picture. */
  readonly frameRates = new Map<string, number>()
  /** Requests that are being answered now. */
  answering = 0
  /** Milliseconds before any answer begins. */
  delayMs = 0
  /** A piped clip stops after its first 64 KiB, and does not end. */
  clipPaused = false
  /** Tokens of before this moment, in milliseconds since the epoch, are refused. */
  loginsSince = 0
  /** `/ws` is not there. */
  refuseWebSockets = false
  /** Set: answers with this status instead. */
  failWith: number | undefined
  readonly #server: LoopbackServer
  readonly #webSockets = new WebSocketServer({ noServer: true, perMessageDeflate: false })

  constructor(options: FrigateOptions) {
    this.options = options
    this.#server = new LoopbackServer(
      (request, response) => this.#handle(request, response),
      (request, socket, head) => this.#upgrade(request, socket, head),
      options.host ?? '127.0.0.1',
      options.port ?? 0,
      options.identity,
    )
  }

  start(): Promise<void> {
    return this.#server.start()
  }

  /** Everything is cut at once, as when the process is killed. */
  async stop(): Promise<void> {
    for (const client of this.#webSockets.clients) client.terminate()
    await this.#server.stop()
  }

  get origin(): string {
    return this.#server.origin
  }

  get household(): Household {
    return this.options.household
  }

  get connections(): number {
    return this.#server.connections
  }

  get webSockets(): Iterable<WebSocket> {
    return this.#webSockets.clients
  }

  /** The requests whose path matches. */
  seen(path: RegExp): SeenRequest[] {
    return this.requests.filter(({ url }) => path.test(url))
  }

  /** Tells everybody on `/ws`, as Frigate's dispatcher does (`frigate/comms/ws.py`). */
  publish(topic: string, payload: string): void {
    for (const client of this.#webSockets.clients) client.send(JSON.stringify({ topic, payload }))
  }

  /** As after a restart with another key. */
  forgetLogins(): void {
    this.loginsSince = Date.now()
  }

  publishEvent(event: HouseholdEvent, type: 'new' | 'update' | 'end'): void {
    this.publish('events', JSON.stringify(eventMessage(event, type)))
  }

  #handle(request: IncomingMessage, response: ServerResponse): void {
    this.#remember(request)
    this.answering++
    response.once('close', () => {
      this.answering--
    })
    const answer = () => {
      if (response.destroyed) return
      if (this.failWith !== undefined) response.writeHead(this.failWith).end('failing on request')
      else respond(this, request, response)
    }
    if (this.delayMs > 0) setTimeout(answer, this.delayMs).unref()
    else answer()
  }

  #upgrade(request: IncomingMessage, socket: Socket, head: Buffer): void {
    this.#remember(request)
    if (request.url !== '/ws' || this.refuseWebSockets)
      socket.end('HTTP/1.1 404 Not Found\r\nconnection: close\r\n\r\n')
    else this.#webSockets.handleUpgrade(request, socket, head, () => {})
  }

  #remember({ method = '', url = '', headers }: IncomingMessage): void {
    this.requests.push({ method, url, headers })
    if (this.requests.length > MOST_REQUESTS) this.requests.shift()
  }
}
