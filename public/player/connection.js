import { Backoff } from './backoff.js'

/** No byte for this long: the camera is down, or the network has gone without a word. */
const SILENT_MS = 15_000

/** Media for this long: the connection was good, and the next attempt may come quickly. */
const GOOD_MS = 5_000

/** Close code of a server that no longer lets this session see the stream (RFC 6455: Policy Violation). */
const REVOKED = 1008

/**
 * One stream's WebSocket, kept open: it connects again after every end until it is stopped.
 *
 * @typedef {object} Handlers
 * @property {(type: string) => void} onType the reply to the codec list, before the media
 * @property {(data: ArrayBuffer) => void} onMedia
 * @property {(message: string) => void} onRefused the server said why it will not play
 * @property {(denied: boolean) => void} onLost with whether the server did not accept the connection, or took it back
 */
export class Connection {
  #url
  #codecs
  #handlers
  #backoff = new Backoff()
  /** @type {WebSocket | undefined} */
  #socket
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #retry
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #watchdog

  /**
   * @param {() => string} url asked for at every attempt, so that the token in it is the present one
   * @param {string} codecs
   * @param {Handlers} handlers
   */
  constructor(url, codecs, handlers) {
    this.#url = url
    this.#codecs = codecs
    this.#handlers = handlers
  }

  start() {
    this.stop()
    this.#connect()
  }

  stop() {
    clearTimeout(this.#retry)
    clearTimeout(this.#watchdog)
    const socket = this.#socket
    this.#socket = undefined
    socket?.close()
  }

  /** The network is back, or the person looks again: do not sit out the rest of the pause. */
  hurry() {
    if (this.#socket !== undefined) return
    this.#backoff.reset()
    this.start()
  }

  #connect() {
    const socket = new WebSocket(this.#url())
    socket.binaryType = 'arraybuffer'
    this.#socket = socket
    let opened = 0
    let media = false

    socket.onopen = () => {
      opened = performance.now()
      socket.send(JSON.stringify({ type: 'mse', value: this.#codecs }))
      this.#watch(socket)
    }
    socket.onmessage = ({ data }) => {
      if (socket !== this.#socket) return
      this.#watch(socket)
      if (data instanceof ArrayBuffer) {
        media = true
        this.#handlers.onMedia(data)
        return
      }
      const message = JSON.parse(data)
      if (message.type === 'mse') this.#handlers.onType(message.value)
      else if (message.type === 'error') this.#handlers.onRefused(message.value)
    }
    socket.onclose = ({ code }) => {
      if (socket !== this.#socket) return
      this.#socket = undefined
      clearTimeout(this.#watchdog)
      if (media && performance.now() - opened > GOOD_MS) this.#backoff.reset()
      this.#retry = setTimeout(() => this.#connect(), this.#backoff.next(code))
      this.#handlers.onLost(opened === 0 || code === REVOKED)
    }
  }

  /** @param {WebSocket} socket */
  #watch(socket) {
    clearTimeout(this.#watchdog)
    this.#watchdog = setTimeout(() => {
      // A dead network never answers the close handshake either: do not wait for it.
      socket.onclose?.(new CloseEvent('close', { code: 1006 }))
      socket.close()
    }, SILENT_MS)
  }
}
