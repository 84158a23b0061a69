import type { Pool } from 'undici'
import type { CodedError } from '../errors.ts'
import { JsonTooLarge, JsonUnreadable } from '../json/errors.ts'
import { type Member, membersOf } from '../json/members.ts'
import { Go2rtcLeftOut, Go2rtcMalformed, Go2rtcRefused, Go2rtcUnreachable } from './errors.ts'
import { withoutAddresses } from './without-addresses.ts'

/** What is told of a stream: never its sources, which hold camera passwords. */
export interface StreamInfo {
  readonly producers: number
  readonly consumers: number
}

const FRESH_MS = 2000
/** Above the time that go2rtc has for an answer, or a slow one would never be bridged. */
const LAST_KNOWN_MS = 20_000
/** What is told of one stream grows with its consumers. */
const LIMITS = { bytes: 4 * 1024 * 1024, memberBytes: 512 * 1024 }
const MOST_STREAMS = 2000
const MAX_ERROR_BYTES = 64 * 1024
const TIMEOUT_MS = 5000

/**
 * The streams that go2rtc lists, asked for at most every two seconds however many want to know. While it does not
 * answer, as in a restart, the last list holds for some seconds: who connects then is not turned away.
 */
export class StreamList {
  readonly #pool: Pool
  readonly #complain: (error: CodedError) => void
  #known: ReadonlyMap<string, StreamInfo> = new Map()
  #knownAt = Number.NEGATIVE_INFINITY
  #asking: Promise<ReadonlyMap<string, StreamInfo>> | undefined

  /** `complain` is told what the list is used without. */
  constructor(pool: Pool, complain: (error: CodedError) => void = () => {}) {
    this.#pool = pool
    this.#complain = complain
  }

  /** By name. Throws a `GO2RTC_…` error if go2rtc does not answer and has not for 20 s. */
  async get(): Promise<ReadonlyMap<string, StreamInfo>> {
    if (performance.now() - this.#knownAt < FRESH_MS) return this.#known
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = undefined
    })
    return this.#asking
  }

  async #ask(): Promise<ReadonlyMap<string, StreamInfo>> {
    try {
      const known = await this.#fetch()
      this.#known = known
      this.#knownAt = performance.now()
    } catch (error) {
      if (performance.now() - this.#knownAt > LAST_KNOWN_MS) throw error
    }
    return this.#known
  }

  async #fetch(): Promise<Map<string, StreamInfo>> {
    const signal = AbortSignal.timeout(TIMEOUT_MS)
    try {
      const { statusCode, body } = await this.#pool.request({ method: 'GET', path: '/api/streams', signal })
      if (statusCode !== 200) {
        await body.dump({ limit: MAX_ERROR_BYTES })
        throw new Go2rtcRefused(`go2rtc answered ${statusCode}`)
      }
      return await this.#read(membersOf(body, { kind: 'object', path: [] }, LIMITS))
    } catch (error) {
      if (error instanceof Go2rtcRefused) throw error
      if (error instanceof JsonTooLarge)
        throw new Go2rtcMalformed(`a list of streams below ${error.limit} bytes`)
      if (error instanceof JsonUnreadable) throw new Go2rtcMalformed('a list of streams')
      throw new Go2rtcUnreachable(withoutAddresses(error instanceof Error ? error.message : String(error)))
    }
  }

  async #read(streams: AsyncIterable<readonly Member[]>): Promise<Map<string, StreamInfo>> {
    const read = new Map<string, StreamInfo>()
    for await (const members of streams)
      for (const { name = '', value } of members) {
        if (read.size === MOST_STREAMS) {
          this.#complain(new Go2rtcLeftOut(MOST_STREAMS))
          return read
        }
        const stream = (value ?? {}) as { producers?: unknown; consumers?: unknown }
        read.set(name, { producers: count(stream.producers), consumers: count(stream.consumers) })
      }
    return read
  }
}

function count(list: unknown): number {
  return Array.isArray(list) ? list.length : 0
}
