import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Viewer, Viewers } from '../access/viewers.ts'
import { directSocket } from '../live/direct-write.ts'
import { type Answer, KINDS, type Kind } from './answer.ts'
import type { OnRest, RepeatBinding } from './binding.ts'
import { type Headers, headOfAnswer, headOfRequest, mayBeRepeated, restOfHead } from './heads.ts'
import { Numbered, Shelf } from './shelf.ts'

/** Times in milliseconds. */
export interface RepeatsOptions {
  /** What answers; without it every request goes the ordinary way. */
  readonly binding: RepeatBinding | undefined
  /** For so long a connection is answered without its rights being looked at anew; what takes rights away ends it at once. */
  readonly leaseMs: number
  /** A client that takes nothing for so long is cut. */
  readonly stalledMs: number
  /** How long the server keeps a connection on which nobody asks. */
  readonly keepAliveMs: number
}

/** On whose authority a connection repeats. */
export type Repeater = Omit<Viewer, 'end'>

/** A reply that may be asked for again, as may what lies beside it. */
export interface Repeatable {
  /** Its path is the folder and behind it the name. */
  readonly folder: string
  readonly name: string
  readonly shelf: Shelf
  readonly repeater: Repeater
  /** What it was sent with. */
  headers(): Headers
  /** What others are given, undefined if that is out of date by now. */
  answer(): Answer | undefined
}

interface Connection {
  readonly socket: Socket
  readonly fd: number
  /** Reads that had come when the latest request began. */
  heard: number
  /** Until it has been answered, if it is let be repeated. */
  latest: IncomingMessage | undefined
  /** How often rights had been taken away then. */
  epoch: number
  repeater: Repeater | undefined
}

/**
 * Requests that repeat, on the same connection, one that was judged and answered a moment ago, with nothing changed but the end of
 * the path: whoever plays HLS sends hundreds of them. They are answered by an addon in front of Node's HTTP (`binding.ts`).
 */
export class Repeats {
  readonly options: RepeatsOptions
  readonly #viewers: Viewers
  readonly #numbered = new Numbered()
  readonly #connections = new Map<Socket, Connection>()
  readonly #byFd = new Map<number, Connection>()
  #epoch = 0
  #closed = false

  constructor(viewers: Viewers, options: RepeatsOptions) {
    this.options = options
    this.#viewers = viewers
  }

  get #binding(): RepeatBinding | undefined {
    return this.options.binding
  }

  /** Connections that are followed. */
  get size(): number {
    return this.#connections.size
  }

  /** How many requests of a kind have been answered so. */
  answered(kind: Kind): number {
    return this.#binding?.answered(KINDS[kind]) ?? 0
  }

  shelf(): Shelf {
    return new Shelf(this.#binding, this.#numbered)
  }

  /** To be called as a request begins, before anything is waited for. */
  hear(request: IncomingMessage): void {
    if (!this.#binding || this.#closed) return
    const { socket } = request
    const connection = this.#connections.get(socket) ?? this.#open(socket)
    if (!connection) return
    connection.heard = this.#binding.hear(connection.fd)
    connection.latest = request
    connection.epoch = this.#epoch
  }

  /** Once the response is through, its connection may send the request again with another name. */
  offer(
    request: IncomingMessage,
    response: ServerResponse,
    { folder, name, shelf, repeater, headers, answer }: Repeatable,
  ): void {
    const connection = this.#connections.get(request.socket)
    if (connection?.latest !== request || request.url !== folder + name || !mayBeRepeated(request)) return
    response.once('finish', () => {
      if (response.statusCode !== 200 || !response.shouldKeepAlive) return
      const sent = headers()
      const made = shelf.has(name) ? undefined : answer()
      if (made) shelf.put(name, headOfAnswer(sent), made)
      const leaseMs = Math.min(this.options.leaseMs, repeater.identity.expiresAt - Date.now())
      const isLatest = connection.latest === request
      if (isLatest) connection.latest = undefined
      if (!isLatest || connection.epoch !== this.#epoch || leaseMs <= 0) return
      connection.repeater = repeater
      this.#binding!.grant(
        connection.fd,
        connection.heard,
        shelf.native!,
        headOfRequest(request),
        `GET ${request.url}`.length,
        `GET ${folder}`,
        restOfHead(sent, this.options.keepAliveMs),
        leaseMs,
      )
    })
  }

  /** Rights were taken away: everybody's next request is judged. */
  forget(): void {
    this.#epoch++
    this.#binding?.withdrawAll()
  }

  close(): void {
    this.#closed = true
    this.forget()
  }

  #open(socket: Socket): Connection | undefined {
    const fd = directSocket(socket)?.fd ?? -1
    if (fd < 0) return undefined
    this.#binding!.onRest(this.#sendRest)
    // The connection that had this number is closed and has not said so yet.
    this.#binding!.forget(fd)
    const connection: Connection = {
      socket,
      fd,
      heard: -1,
      latest: undefined,
      epoch: 0,
      repeater: undefined,
    }
    this.#connections.set(socket, connection)
    this.#byFd.set(fd, connection)
    socket.once('close', () => {
      this.#connections.delete(socket)
      if (this.#byFd.get(fd) !== connection) return
      this.#byFd.delete(fd)
      this.#binding!.forget(fd)
    })
    return connection
  }

  readonly #sendRest: OnRest = (fd, item, head, bodyTaken) => {
    const connection = this.#byFd.get(fd)
    const answer = this.#numbered.get(item)
    if (!connection?.repeater || !answer) {
      connection?.socket.destroy()
      return
    }
    const { socket, repeater } = connection
    const release = this.#viewers.add({ ...repeater, end: () => socket.destroy() })
    const stopWatching = endIfStalled(socket, this.options.stalledMs)
    if (head.byteLength > 0) socket.write(new Uint8Array(head))
    answer.sendRest(socket, bodyTaken, () => {
      release()
      stopWatching()
      // Node counts from its own last reply on, which may be long ago.
      if (!socket.destroyed && this.#binding!.resume(fd)) socket.setTimeout(this.options.keepAliveMs)
    })
  }
}

/** A timeout of the socket's own would end with the next request that Node reads. */
function endIfStalled(socket: Socket, stalledMs: number): () => void {
  const direct = directSocket(socket)
  const queued = () => socket.writableLength + (direct?.queued ?? 0)
  let before = Number.POSITIVE_INFINITY
  const timer = setInterval(() => {
    const now = queued()
    if (now >= before) socket.destroy()
    before = now
  }, stalledMs)
  return () => clearInterval(timer)
}
