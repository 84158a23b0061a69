import { createServer, type RequestListener } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'

export type UpgradeListener = (request: Parameters<RequestListener>[0], socket: Socket, head: Buffer) => void

/** PEM. */
export interface Identity {
  readonly key: string
  readonly cert: string
}

/** An HTTP server that can be cut off and started again on the same port, and counts its connections. */
export class LoopbackServer {
  /** Connections ever. */
  totalConnections = 0
  readonly #handle: RequestListener
  readonly #upgrade: UpgradeListener | undefined
  readonly #host: string
  readonly #identity: Identity | undefined
  readonly #sockets = new Set<Socket>()
  #server = createServer()
  #port: number

  /** With an identity it speaks TLS. */
  constructor(
    handle: RequestListener,
    upgrade: UpgradeListener | undefined,
    host: string,
    port: number,
    identity?: Identity,
  ) {
    this.#handle = handle
    this.#upgrade = upgrade
    this.#host = host
    this.#port = port
    this.#identity = identity
  }

  /** Port 0 becomes a free one the first time. Rejects with the system's error, e.g. EADDRINUSE. */
  async start(): Promise<void> {
    const server = this.#identity
      ? createSecureServer(this.#identity, this.#handle)
      : createServer(this.#handle)
    this.#server = server
    if (this.#upgrade) server.on('upgrade', this.#upgrade)
    server.on('connection', socket => {
      this.totalConnections++
      this.#sockets.add(socket)
      socket.on('close', () => this.#sockets.delete(socket))
    })
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(this.#port, this.#host, resolve)
    })
    this.#port = (server.address() as AddressInfo).port
  }

  /** Everything is cut at once, as when the process is killed. */
  async stop(): Promise<void> {
    const closed = new Promise(resolve => this.#server.close(resolve))
    for (const socket of this.#sockets) socket.destroy()
    await closed
  }

  get origin(): string {
    return `http${this.#identity ? 's' : ''}://${this.#host}:${this.#port}`
  }

  /** Connections now. */
  get connections(): number {
    return this.#sockets.size
  }
}
