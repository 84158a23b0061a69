import { WebSocket } from 'ws'
import type { Fragment } from '../../src/fmp4/fragments/fragment.ts'
import { FragmentReader } from '../../src/fmp4/fragments/reader.ts'
import { until } from './until.ts'

const CODECS = [
  'avc1.640029',
  'avc1.64002A',
  'avc1.640033',
  'hvc1.1.6.L153.B0',
  'mp4a.40.2',
  'mp4a.40.5',
  'flac',
  'opus',
]
const STAGING_BYTES = 2 * 1024 * 1024
const RECONNECT_MS = 15_000

/**
 * Behaves as go2rtc's own player does, as far as a server can tell: says its codecs first, makes a source buffer from
 * the reply, appends a message at once while that is idle, and otherwise collects messages in a fixed array of 2 MiB that
 * throws when full. Comes back on the same address, at the earliest 15 s after it last connected.
 */
export class StockPlayer {
  readonly types: string[] = []
  readonly fragments: Fragment[] = []
  readonly errors: string[] = []
  inits = 0
  connects = 0
  /** The earliest delay after which it would have connected again, in ms, for each end. */
  readonly delays: number[] = []
  readonly #url: string
  readonly #appendMs: number
  readonly #staging = new Uint8Array(STAGING_BYTES)
  #staged = 0
  #updating = false
  #connectedAt = 0
  #ws: WebSocket | undefined
  #reader: FragmentReader | undefined

  /** `appendMs` is how long its source buffer takes for one append. */
  constructor(url: string, appendMs: number) {
    this.#url = url.replace(/^http/, 'ws')
    this.#appendMs = appendMs
  }

  connect(): void {
    this.connects++
    this.#connectedAt = Date.now()
    this.#staged = 0
    const ws = new WebSocket(this.#url)
    ws.binaryType = 'nodebuffer'
    this.#ws = ws
    ws.on('open', () => ws.send(JSON.stringify({ type: 'mse', value: CODECS.join(',') })))
    ws.on('message', (data, isBinary) => (isBinary ? this.#take(data as Buffer) : this.#text(String(data))))
    ws.on('error', () => {})
    ws.on('close', () => this.delays.push(Math.max(0, RECONNECT_MS - (Date.now() - this.#connectedAt))))
  }

  close(): void {
    this.#ws?.terminate()
  }

  async played(fragments: number): Promise<void> {
    await until(() => this.fragments.length >= fragments || this.errors.length > 0)
  }

  #text(text: string): void {
    const { type, value } = JSON.parse(text) as { type: string; value: string }
    if (type === 'error') this.errors.push(value)
    else this.#sourceBuffer(value)
  }

  #sourceBuffer(type: string): void {
    this.types.push(type)
    this.#reader = new FragmentReader(
      { initBytes: 1 << 20, fragmentBytes: 1 << 24 },
      { take: () => {}, give: () => {} },
      {
        init: () => {
          this.inits++
        },
        fragment: fragment => this.fragments.push(fragment),
      },
    )
  }

  #take(message: Buffer): void {
    if (!this.#updating && this.#staged === 0) {
      this.#append(message)
      return
    }
    if (this.#staged + message.length > STAGING_BYTES) {
      this.errors.push('RangeError: the staging array is full')
      return
    }
    this.#staging.set(message, this.#staged)
    this.#staged += message.length
  }

  #append(bytes: Uint8Array): void {
    if (!this.#reader) {
      this.errors.push('media came before its type')
      return
    }
    try {
      this.#reader.push(bytes)
    } catch (error) {
      this.errors.push(String(error))
    }
    this.#updating = true
    setTimeout(() => {
      this.#updating = false
      if (this.#staged === 0) return
      const staged = this.#staging.slice(0, this.#staged)
      this.#staged = 0
      this.#append(staged)
    }, this.#appendMs)
  }
}
