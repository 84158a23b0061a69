import { WebSocket } from 'ws'
import { withoutAddresses } from '../go2rtc/without-addresses.ts'
import { readMessage, writeMessage } from './message.ts'

/** What a relay needs of the player it serves. */
export interface RelayClient {
  text(text: string): void
  picture(bytes: Buffer): void
  /** go2rtc has ended the conversation. */
  end(): void
}

export interface RelayOptions {
  /** The largest message from go2rtc, in bytes. */
  readonly maxPayload: number
  readonly client: RelayClient
  /** Called once, when its connection is gone. */
  closed(): void
}

const MAX_WAITING = 64
/** A go2rtc that leaves so many bytes unread is not listening any more. */
const MAX_UNREAD_BYTES = 1024 * 1024
const HANDSHAKE_MS = 5000

/**
 * A conversation with go2rtc's own WebSocket, for pictures (`mjpeg`) and, where it is allowed, WebRTC. Only messages of
 * those types pass; bytes pass as pictures, which the player may leave out.
 */
export class Relay {
  readonly #upstream: WebSocket
  readonly #waiting: string[] = []
  #closed = false

  /** `url` is go2rtc's `ws://…/api/ws?src=…`. */
  constructor(url: string, { maxPayload, client, closed }: RelayOptions) {
    this.#upstream = new WebSocket(url, {
      maxPayload,
      perMessageDeflate: false,
      handshakeTimeout: HANDSHAKE_MS,
    })
    this.#upstream.on('open', () => {
      for (const text of this.#waiting.splice(0)) this.#upstream.send(text)
    })
    this.#upstream.on('message', (data, isBinary) => {
      if (this.#closed) return
      if (isBinary) return client.picture(data as Buffer)
      const text = passable(String(data))
      if (text !== undefined) client.text(text)
    })
    this.#upstream.on('error', () => this.#upstream.terminate())
    this.#upstream.on('close', () => {
      closed()
      if (!this.#closed) client.end()
      this.#closed = true
    })
  }

  send(text: string): void {
    if (this.#upstream.bufferedAmount > MAX_UNREAD_BYTES) this.#upstream.terminate()
    else if (this.#upstream.readyState === WebSocket.OPEN) this.#upstream.send(text)
    else if (this.#waiting.length < MAX_WAITING) this.#waiting.push(text)
  }

  close(): void {
    this.#closed = true
    this.#upstream.terminate()
  }
}

/** The message as the player may see it; undefined where it may not. */
function passable(text: string): string | undefined {
  const message = readMessage(text)
  if (message?.type === 'error') return writeMessage('error', withoutAddresses(message.value))
  return /^(mjpeg|webrtc)/.test(message?.type ?? '') ? text : undefined
}
