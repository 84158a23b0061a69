import type { Socket } from 'node:net'
import { WebSocket } from 'ws'
import { withoutAddresses } from '../go2rtc/without-addresses.ts'
import type { ByteBudget } from '../live/memory/budget.ts'
import { Backlog } from './backlog.ts'
import { MAX_MESSAGE_BYTES, readMessage, writeMessage } from './message.ts'

/** What a tunnel needs of the player it serves. */
export interface TunnelClient {
  text(message: Buffer): void
  picture(bytes: Buffer): void
  /** go2rtc has ended the conversation. */
  end(): void
}

export interface TunnelOptions {
  /** The largest picture, in bytes. */
  readonly pictureBytes: number
  /** What the pictures of all tunnels take while they arrive. */
  readonly memory: ByteBudget
  readonly client: TunnelClient
  /** Called once, when its connection is gone. */
  closed(): void
}

/** What may wait for go2rtc: a player that says more before it listens, or while it does not read, is let go. */
const MAX_BACKLOG_BYTES = 32 * 1024
const HANDSHAKE_MS = 5000

/**
 * A conversation of one player with go2rtc's own WebSocket, for pictures (`mjpeg`) and, where it is allowed, WebRTC. Only
 * messages of those types pass; bytes pass as pictures, which the player may leave out.
 */
export class Tunnel {
  readonly #upstream: WebSocket
  readonly #backlog = new Backlog(MAX_BACKLOG_BYTES)
  readonly #memory: ByteBudget
  /** Until go2rtc listens. */
  #waiting: (() => void)[] = []
  /** Bytes of a message that is not complete; what one read brings of the next message is not counted. */
  #arrived = 0
  #closed = false

  /** `url` is go2rtc's `ws://…/api/ws?src=…`. */
  constructor(url: string, { pictureBytes, memory, client, closed }: TunnelOptions) {
    this.#memory = memory
    const upstream = new WebSocket(url, {
      maxPayload: pictureBytes,
      maxFragments: 1024,
      maxBufferedChunks: 4096,
      perMessageDeflate: false,
      autoPong: false,
      handshakeTimeout: HANDSHAKE_MS,
    })
    this.#upstream = upstream
    let socket: Socket | undefined
    upstream.on('upgrade', reply => {
      socket = reply.socket
    })
    upstream.on('open', () => {
      socket?.prependListener('data', ({ length }: Buffer) => this.#arrive(length))
      for (const send of this.#waiting.splice(0)) send()
    })
    upstream.on('message', (data, isBinary) => {
      this.#forgetArrived()
      if (this.#closed) return
      if (isBinary) return client.picture(data as Buffer)
      const message = passable(data as Buffer)
      if (message) client.text(message)
    })
    upstream.on('ping', data => this.#transmit(data.length, sent => upstream.pong(data, true, sent)))
    upstream.on('error', () => upstream.terminate())
    upstream.on('close', () => {
      this.#forgetArrived()
      this.#waiting = []
      closed()
      if (!this.#closed) client.end()
      this.#closed = true
    })
  }

  /** Takes a copy: what a player sends is a view of all that was read at once. */
  send(message: Buffer): void {
    const copy = Buffer.allocUnsafeSlow(message.length)
    message.copy(copy)
    this.#transmit(copy.length, sent => this.#upstream.send(copy, { binary: false }, sent))
  }

  /** The player is told that it has ended. */
  end(): void {
    this.#upstream.terminate()
  }

  /** The player has gone. */
  close(): void {
    this.#closed = true
    this.end()
  }

  #transmit(length: number, transmit: (sent: () => void) => void): void {
    const sent = this.#backlog.add(length)
    if (!sent) this.#upstream.terminate()
    else if (this.#upstream.readyState === WebSocket.CONNECTING) this.#waiting.push(() => transmit(sent))
    else transmit(sent)
  }

  #arrive(bytes: number): void {
    if (this.#upstream.readyState === WebSocket.CLOSED) return
    if (this.#memory.takeFree(bytes)) this.#arrived += bytes
    else this.#upstream.terminate()
  }

  #forgetArrived(): void {
    this.#memory.give(this.#arrived)
    this.#arrived = 0
  }
}

/** The message as the player may see it; undefined where it may not. */
function passable(data: Buffer): Buffer | undefined {
  if (data.length > MAX_MESSAGE_BYTES) return undefined
  const message = readMessage(String(data))
  if (message?.type === 'error') return writeMessage('error', withoutAddresses(message.value))
  return /^(mjpeg|webrtc)/.test(message?.type ?? '') ? Buffer.from(data) : undefined
}
