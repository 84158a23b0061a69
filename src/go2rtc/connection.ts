import { connect, isIP, type Socket } from 'node:net'
import tls from 'node:tls'
import { Go2rtcUnreachable } from './errors.ts'
import { ReplyReader } from './reply-reader.ts'
import { withoutAddresses } from './without-addresses.ts'

/** How long may pass, in milliseconds. */
export interface Times {
  /** Until the connection is made, TLS included. */
  readonly connectMs: number
  /** From then on until the head of the reply is there. */
  readonly headMs: number
  /** Without a byte before an endless reply is left; it is left in any case after 25 times as long. */
  readonly quietMs: number
}

const PATIENCE: Times = { connectMs: 5000, headMs: 15_000, quietMs: 4 }
const MOST_QUIETS = 25
const KEEP_ALIVE_MS = 60_000
const READ_BYTES = 64 * 1024
/** After a read of so many bytes more may be on its way: the sender may have waited for room in the system's buffer. */
const LONG_READ = READ_BYTES / 2

/**
 * What every connection reads into: whoever is told of bytes is done with them when it returns, and connections are read one
 * after another. Without it each read would leave 64 KiB to the collector.
 */
let readBuffer: Buffer | undefined

export interface GetEvents {
  head(status: number): void
  /** Good until this returns. */
  body(bytes: Uint8Array): void
  /** The reply is over, with a `GO2RTC_…` error if it is not complete. Nothing more is told. */
  end(error?: Error): void
}

/**
 * A `GET` with a connection of its own, for replies that go on for long. It is an HTTP/1.0 request: the reply is then not cut
 * into chunks, each of which would cost both sides a write or read more. Silence behind the head is the caller's to notice.
 */
export class Get {
  readonly #events: GetEvents
  readonly #reader: ReplyReader
  readonly #socket: Socket
  readonly #quietMs: number
  #timer: NodeJS.Timeout
  #over = false
  /** A short read has brought everything that had come. Of TLS it is one record. */
  readonly #shortIsAll: boolean
  #onDemand = false
  #paused = false
  /** When it is left although bytes still come, by `performance.now()`. */
  #leaveBy = 0

  constructor(origin: URL, path: string, events: GetEvents, { connectMs, headMs, quietMs } = PATIENCE) {
    this.#events = events
    this.#quietMs = quietMs
    this.#shortIsAll = origin.protocol === 'http:'
    this.#reader = new ReplyReader({
      head: status => {
        clearTimeout(this.#timer)
        if (!this.#over) events.head(status)
      },
      body: bytes => {
        if (!this.#over) events.body(bytes)
      },
    })
    this.#socket = open(
      origin,
      bytes => {
        this.#read(bytes)
        return !this.#pausesAfter(bytes)
      },
      () => {
        clearTimeout(this.#timer)
        this.#timer = this.#within(headMs, 'does not answer')
        this.#socket.write(`GET ${path} HTTP/1.0\r\nHost: ${origin.host}\r\nAccept: */*\r\n\r\n`)
      },
    )
    this.#timer = this.#within(connectMs, 'takes no connection')
    this.#socket.setKeepAlive(true, KEEP_ALIVE_MS)
    this.#socket.on('end', () => this.#ended()).on('close', () => this.#ended())
    this.#socket.on('error', error => this.#end(new Go2rtcUnreachable(withoutAddresses(reason(error)))))
  }

  /** Nothing is read until the next `read`. */
  get paused(): boolean {
    return this.#paused
  }

  /**
   * Reads what has come, in one of the next turns of the event loop, and pauses reading when that was everything. Before the first
   * call everything is read as it comes.
   */
  read(): void {
    if (this.#over) return
    this.#onDemand = true
    this.#paused = false
    this.#socket.resume()
  }

  /**
   * Ends it; nothing more is told. An endless reply is left in the first quiet moment: go2rtc ends as a whole if a consumer goes while
   * it is written to (its issues 338, 1220, 1261, 1757).
   */
  close(): void {
    if (this.#over) return
    this.#over = true
    clearTimeout(this.#timer)
    this.#socket.resume()
    if (!this.#reader.endless || this.#socket.destroyed) {
      this.#socket.destroy()
      return
    }
    this.#leaveBy = performance.now() + MOST_QUIETS * this.#quietMs
    this.#leaveWhenQuiet()
  }

  #leaveWhenQuiet(): void {
    clearTimeout(this.#timer)
    const left = this.#leaveBy - performance.now()
    if (left > 0) this.#timer = setTimeout(() => this.#socket.destroy(), Math.min(this.#quietMs, left))
    else this.#socket.destroy()
  }

  #read(bytes: Uint8Array): void {
    if (this.#over) {
      if (this.#leaveBy > 0) this.#leaveWhenQuiet()
      return
    }
    if (this.#reader.endless) {
      this.#events.body(bytes)
      return
    }
    try {
      this.#reader.push(bytes)
    } catch (error) {
      this.#end(error as Error)
      return
    }
    if (this.#reader.complete) this.#end()
  }

  #pausesAfter(bytes: Uint8Array): boolean {
    if (this.#over || !this.#onDemand || !this.#shortIsAll || !this.#reader.endless) return false
    this.#paused = bytes.length < LONG_READ
    return this.#paused
  }

  #ended(): void {
    this.#end(this.#reader.mayEnd ? undefined : new Go2rtcUnreachable('other side closed'))
  }

  #end(error?: Error): void {
    if (this.#over) return
    this.close()
    this.#events.end(error)
  }

  #within(ms: number, what: string): NodeJS.Timeout {
    const late = () => this.#end(new Go2rtcUnreachable(`it ${what} within ${ms / 1000} s`))
    return setTimeout(late, ms).unref()
  }
}

/** `read` says whether to go on reading: to return `false` from `onread` pauses a socket. */
function open(origin: URL, read: (bytes: Uint8Array) => boolean, connected: () => void): Socket {
  readBuffer ??= Buffer.allocUnsafeSlow(READ_BYTES)
  const buffer = readBuffer
  const host = origin.hostname.replace(/^\[|\]$/g, '')
  const callback = (bytes: number) => read(buffer.subarray(0, bytes))
  const options = { host, port: Number(origin.port), onread: { buffer, callback } }
  if (origin.protocol === 'http:') return connect({ ...options, port: options.port || 80 }, connected)
  const servername = isIP(host) ? '' : host
  return tls.connect({ ...options, port: options.port || 443, servername }, connected)
}

/** Where a name has several addresses, all of them have failed, the first as any. */
function reason(error: Error): string {
  const [first] = error instanceof AggregateError ? (error.errors as readonly Error[]) : []
  return error.message || first?.message || 'it failed'
}
