import type { WebSocket } from 'ws'
import { isRecord } from '../json/record.ts'
import type { Every } from '../ledger/timers.ts'
import { later } from '../ledger/timers.ts'
import { readChange, readJson } from './change.ts'
import type { Source, SourceListener } from './source.ts'

const FIRST_RETRY_MS = 1000
const LAST_RETRY_MS = 30_000
const PING_MS = 30_000

/** Frigate's own `/ws`, where everything that it tells a broker comes as `{topic, payload}`. */
export class WebSocketSource implements Source {
  readonly #open: () => Promise<WebSocket>
  readonly #every: Every
  #socket: WebSocket | undefined
  #stopPinging = () => {}
  #retry: NodeJS.Timeout | undefined
  #retryMs = FIRST_RETRY_MS
  #run = 0

  /** `open` gives a socket that connects, or rejects. */
  constructor(open: () => Promise<WebSocket>, every: Every) {
    this.#open = open
    this.#every = every
  }

  start(listener: SourceListener): void {
    this.#retryMs = FIRST_RETRY_MS
    void this.#connect(listener, ++this.#run)
  }

  stop(): void {
    this.#run++
    clearTimeout(this.#retry)
    this.#stopPinging()
    this.#socket?.terminate()
    this.#socket = undefined
  }

  async #connect(listener: SourceListener, run: number): Promise<void> {
    const again = () => {
      if (run !== this.#run) return
      this.#retry = later(jittered(this.#retryMs), () => this.#connect(listener, run))
      this.#retryMs = Math.min(this.#retryMs * 2, LAST_RETRY_MS)
    }
    let socket: WebSocket
    try {
      socket = await this.#open()
    } catch {
      again()
      return
    }
    if (run !== this.#run) {
      socket.on('error', () => {}).terminate()
      return
    }
    this.#socket = socket
    this.#watch(socket, listener)
    socket.on('close', () => {
      if (run === this.#run) listener.connected(false)
      again()
    })
  }

  #watch(socket: WebSocket, listener: SourceListener): void {
    let alive = true
    const stopPinging = this.#every(PING_MS, () => {
      if (!alive) socket.terminate()
      alive = false
      if (socket.readyState === socket.OPEN) socket.ping()
    })
    this.#stopPinging = stopPinging
    socket.on('error', () => {})
    socket.on('pong', () => {
      alive = true
    })
    socket.on('open', () => {
      this.#retryMs = FIRST_RETRY_MS
      listener.connected(true)
    })
    socket.on('message', data => {
      alive = true
      const change = changeIn(data as Buffer)
      if (change) listener.change(change)
    })
    socket.on('close', () => stopPinging())
  }
}

/** The payload of `events` is JSON once more. What has no such topic is not read. */
function changeIn(data: Buffer) {
  if (!data.includes('"events"')) return undefined
  const message = readJson(data.toString())
  if (!isRecord(message) || message.topic !== 'events' || typeof message.payload !== 'string')
    return undefined
  return readChange(message.payload)
}

function jittered(ms: number): number {
  return ms * (0.75 + Math.random() / 2)
}
