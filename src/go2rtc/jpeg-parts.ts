import type { PulledBody } from '../upstream/media.ts'
import { Go2rtcMalformed } from './errors.ts'

/** Of the head of a part, in bytes. */
const MOST_HEAD = 512
const END = '\r\n\r\n'

/**
 * Motion JPEG that is handed on as long as it is nothing else: each part of a `multipart/x-mixed-replace` has headers of its own, and one of
 * `text/html` would be a page. Rejects with `GO2RTC_MALFORMED` before the head of such a part is complete for the reader.
 */
export class JpegParts implements PulledBody {
  readonly #body: PulledBody
  readonly #delimiter: string
  #head = ''
  /** Of the current picture. */
  #left = 0

  constructor(body: PulledBody, boundary: string) {
    this.#body = body
    this.#delimiter = `--${boundary}`
  }

  async read(into: Buffer): Promise<number> {
    const bytes = await this.#body.read(into)
    this.#check(into.subarray(0, bytes))
    return bytes
  }

  close(): void {
    this.#body.close()
  }

  #check(chunk: Buffer): void {
    for (let at = 0; at < chunk.length; ) {
      const picture = Math.min(this.#left, chunk.length - at)
      this.#left -= picture
      at += picture
      if (this.#left === 0) at = this.#readHead(chunk, at)
    }
  }

  /** Where in the chunk the head ends, or the chunk does. */
  #readHead(chunk: Buffer, from: number): number {
    const before = this.#head.length
    this.#head += chunk.toString('latin1', from, from + MOST_HEAD + END.length)
    const end = this.#head.indexOf(END)
    if (end > MOST_HEAD || (end === -1 && this.#head.length > MOST_HEAD))
      throw new Go2rtcMalformed('motion JPEG')
    if (end === -1) return chunk.length
    this.#left = lengthIn(this.#head.slice(0, end).trimStart().split('\r\n'), this.#delimiter)
    this.#head = ''
    return from + end + END.length - before
  }
}

/** The length of a picture by the lines of its head, which are what go2rtc writes and nothing else. */
function lengthIn([first, ...lines]: readonly string[], delimiter: string): number {
  const fields = lines.map(line => line.toLowerCase().split(': '))
  const [[type, jpeg] = [], [length, bytes] = []] = fields
  const isPicture =
    first === delimiter && fields.length === 2 && type === 'content-type' && jpeg === 'image/jpeg'
  const left = Number(bytes)
  if (!isPicture || length !== 'content-length' || !Number.isSafeInteger(left) || left < 1)
    throw new Go2rtcMalformed('motion JPEG')
  return left
}
