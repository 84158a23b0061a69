import { Go2rtcMalformed } from './errors.ts'

/** Of a status line and its fields, in bytes. */
const MOST_HEAD = 16 * 1024

const STATUS_LINE = /^HTTP\/1\.[01] ([1-5]\d\d)(?: [\t\x20-\x7e\x80-\xff]*)?$/
const FIELD_NAME = /^[!#$%&'*+.^_`|~\w-]+$/
const FIELD_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/
const LENGTH = /^[\t ]*(\d{1,15})[\t ]*$/

export interface ReplyEvents {
  /** The head of the reply proper; interim ones (1xx) are passed over. */
  head(status: number): void
  /** Some of its body: a view of what was pushed, good until this returns. */
  body(bytes: Uint8Array): void
}

/**
 * Reads the one reply to an HTTP/1.0 request, whose body ends with its connection or after `Content-Length`, through
 * chunks that are split anywhere (RFC 9112). Without transfer codings, which such a request rules out, what comes after
 * the head is the body as it is. Throws `GO2RTC_MALFORMED` on anything else; after that nothing may be pushed.
 */
export class ReplyReader {
  readonly #events: ReplyEvents
  /** Of a head that has begun; undefined once the body has. */
  #head: Buffer | undefined = Buffer.alloc(0)
  /** Of the body, still to come; infinite where it ends with the connection. */
  #left = Number.POSITIVE_INFINITY

  constructor(events: ReplyEvents) {
    this.#events = events
  }

  /** Nothing more belongs to the reply. */
  get complete(): boolean {
    return this.#left === 0
  }

  /** Whatever comes from now on is body, up to the end of the connection: there is nothing more to read it for. */
  get endless(): boolean {
    return !this.#head && this.#left === Number.POSITIVE_INFINITY
  }

  /** The connection may end here. */
  get mayEnd(): boolean {
    return this.endless || (!this.#head && this.#left === 0)
  }

  push(chunk: Uint8Array): void {
    const body = this.#head ? this.#readHead(this.#head, chunk) : chunk
    if (!body || body.length === 0 || this.#left === 0) return
    const bytes = body.length > this.#left ? body.subarray(0, this.#left) : body
    this.#left -= bytes.length
    this.#events.body(bytes)
  }

  /** What comes behind the head, once that is there. */
  #readHead(before: Buffer, chunk: Uint8Array): Uint8Array | undefined {
    let head = Buffer.concat([before, chunk])
    for (;;) {
      const end = head.indexOf('\r\n\r\n')
      if (end > MOST_HEAD || (end < 0 && head.length > MOST_HEAD))
        throw new Go2rtcMalformed(`a head below ${MOST_HEAD} bytes`)
      if (end < 0) {
        this.#head = head
        return undefined
      }
      const { status, length } = parseHead(head.toString('latin1', 0, end))
      head = head.subarray(end + 4)
      if (status < 200) continue
      this.#head = undefined
      this.#left = length ?? Number.POSITIVE_INFINITY
      this.#events.head(status)
      return head
    }
  }
}

/** Status and length of the body, where it is told, in bytes. */
function parseHead(text: string): { status: number; length: number | undefined } {
  const [statusLine, ...fields] = text.split('\r\n')
  const status = STATUS_LINE.exec(statusLine!)?.[1]
  if (!status) throw new Go2rtcMalformed('HTTP')
  let length: string | undefined
  for (const line of fields) {
    const colon = line.indexOf(':')
    const name = line.slice(0, Math.max(0, colon))
    const value = line.slice(colon + 1)
    if (!FIELD_NAME.test(name) || !FIELD_VALUE.test(value)) throw new Go2rtcMalformed('HTTP')
    switch (name.toLowerCase()) {
      case 'transfer-encoding':
        throw new Go2rtcMalformed('HTTP/1.0, which has no transfer codings')
      case 'content-length': {
        const told = LENGTH.exec(value)?.[1]
        if (told === undefined || (length !== undefined && length !== told))
          throw new Go2rtcMalformed('one Content-Length')
        length = told
      }
    }
  }
  const bodiless = status === '204' || status === '304'
  return { status: Number(status), length: bodiless ? 0 : length === undefined ? undefined : Number(length) }
}
