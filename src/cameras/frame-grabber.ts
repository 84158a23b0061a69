import type { Pool } from 'undici'
import { CodedError } from '../errors.ts'
import { ByteBudget } from '../live/memory/budget.ts'
import type { Owner, Share } from '../shares/share.ts'
import { mediaType } from '../upstream/media-type.ts'
import { SnapshotUnavailable } from './errors.ts'

export interface FrameGrabberLimits {
  /** How long somebody who asks is kept waiting, in milliseconds. */
  readonly waitMs: number
  /** How long go2rtc may take before it is given up, in milliseconds. */
  readonly grabMs: number
  /** The largest picture, in bytes. */
  readonly bytes: number
  /** Of all pictures that are arriving, in bytes. */
  readonly totalBytes: number
}

const MIB = 1024 * 1024
const DEFAULTS: FrameGrabberLimits = {
  waitMs: 10_000,
  grabMs: 60_000,
  bytes: 4 * MIB,
  totalBytes: 16 * MIB,
}

/**
 * Single frames from go2rtc. An aborted `frame.jpeg` leaks a consumer in go2rtc, so a request outlives whoever
 * waits for it: it goes on in the background, one for each stream however many ask, within hard limits.
 */
export class FrameGrabber {
  readonly #pool: Pool
  readonly #places: Share
  readonly #limits: FrameGrabberLimits
  readonly #arriving: ByteBudget
  readonly #running = new Map<string, Promise<Buffer>>()

  /** A place is held for each stream that a frame is taken of, by the user who asked first. */
  constructor(pool: Pool, places: Share, limits: Partial<FrameGrabberLimits> = {}) {
    this.#pool = pool
    this.#places = places
    this.#limits = { ...DEFAULTS, ...limits }
    this.#arriving = new ByteBudget(this.#limits.totalBytes, () => {})
  }

  /** Streams that a frame is being taken from. */
  get running(): number {
    return this.#running.size
  }

  /** A JPEG. `stream` must be one that go2rtc lists: it takes anything else for the address of a new one. */
  async grab(stream: string, owner: Owner): Promise<Buffer> {
    let grab = this.#running.get(stream)
    if (!grab) {
      const leave = this.#places.take(owner)
      grab = this.#request(stream).finally(() => {
        this.#running.delete(stream)
        leave()
      })
      this.#running.set(stream, grab)
    }
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new SnapshotUnavailable('go2rtc has none yet')), this.#limits.waitMs)
    })
    return Promise.race([grab, late]).finally(() => clearTimeout(timer))
  }

  async #request(stream: string): Promise<Buffer> {
    const { grabMs } = this.#limits
    try {
      const { statusCode, headers, body } = await this.#pool.request({
        method: 'GET',
        path: `/api/frame.jpeg?${new URLSearchParams({ src: stream })}`,
        headersTimeout: grabMs,
        signal: AbortSignal.timeout(grabMs),
      })
      if (statusCode === 200) {
        mediaType(headers['content-type'], 'image/jpeg')
        return await this.#read(body)
      }
      await body.dump({ limit: 64 * 1024 })
      throw new SnapshotUnavailable(`go2rtc answered with status ${statusCode}`)
    } catch (error) {
      if (error instanceof CodedError) throw error
      throw new SnapshotUnavailable('go2rtc does not answer')
    }
  }

  async #read(body: AsyncIterable<Buffer>): Promise<Buffer> {
    const { bytes } = this.#limits
    const chunks: Buffer[] = []
    let length = 0
    try {
      for await (const chunk of body) {
        if (!this.#arriving.takeFree(chunk.length)) throw new SnapshotUnavailable('too many are arriving')
        length += chunk.length
        if (length > bytes) throw new SnapshotUnavailable(`more than ${bytes} bytes`)
        chunks.push(chunk)
      }
      return Buffer.concat(chunks)
    } finally {
      this.#arriving.give(length)
    }
  }
}
