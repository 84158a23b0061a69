import { WebSocket } from 'ws'

/** It never comes back sooner than this after it last connected, in milliseconds. */
const FLOOR_MS = 15_000
const CODECS = 'avc1.640029,avc1.64002A,avc1.640033,hvc1.1.6.L153.B0,mp4a.40.2,mp4a.40.5,flac,opus'

/** Comes back as go2rtc's own player does: at once if it last connected more than 15 s ago, else when they are full. */
export class StockClient {
  /** When it last began to play, on `performance.now()`'s clock; `undefined` while it does not. */
  playingSince: number | undefined
  readonly #url: string
  #connectedAt = 0
  #socket: WebSocket | undefined
  #retry: NodeJS.Timeout | undefined

  constructor(url: string) {
    this.#url = url
    this.#connect()
  }

  close(): void {
    clearTimeout(this.#retry)
    this.#socket?.removeAllListeners('close')
    this.#socket?.terminate()
  }

  #connect(): void {
    this.#connectedAt = performance.now()
    const socket = new WebSocket(this.#url, { perMessageDeflate: false })
    this.#socket = socket
    socket.on('open', () => socket.send(JSON.stringify({ type: 'mse', value: CODECS })))
    socket.on('message', (_, binary) => {
      if (binary) this.playingSince ??= performance.now()
    })
    socket.on('error', () => {})
    socket.on('close', () => {
      this.playingSince = undefined
      const wait = Math.max(0, FLOOR_MS - (performance.now() - this.#connectedAt))
      this.#retry = setTimeout(() => this.#connect(), wait)
    })
  }
}
