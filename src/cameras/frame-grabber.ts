import type { Pool } from 'undici'
import { SnapshotUnavailable } from './errors.ts'

export interface FrameGrabberLimits {
  /** How long somebody who asks is kept waiting, in milliseconds. */
  readonly waitMs: number
  /** How long go2rtc may take before it is given up, in milliseconds. */
  readonly grabMs: number
  /** Streams that are grabbed from at once. */
  readonly streams: number
  /** The largest picture, in bytes. */
  readonly bytes: number
}

const DEFAULTS: FrameGrabberLimits = { waitMs: 10_000, grabMs: 60_000, streams: 8, bytes: 4 * 1024 * 1024 }

/**
 * Single frames from go2rtc. An aborted `frame.jpeg` leaks a consumer in go2rtc, so a request outlives whoever
 * waits for it: it goes on in the background, one for each stream however many ask, within hard limits.
 */
export class FrameGrabber {
  readonly #pool: Pool
  readonly #limits: FrameGrabberLimits
  readonly #running = new Map<string, Promise<Buffer>>()

  constructor(pool: Pool, limits: Partial<FrameGrabberLimits> = {}) {
    this.#pool = pool
    this.#limits = { ...DEFAULTS, ...limits }
  }

  /** Streams that a frame is being taken from. */
  get running(): number {
    return this.#running.size
  }

  /** A JPEG. `stream` must be one that go2rtc lists: it takes anything else for the address of a new one. */
  async grab(stream: string): Promise<Buffer> {
    let grab = this.#running.get(stream)
    if (!grab) {
      if (this.#running.size >= this.#limits.streams) throw new SnapshotUnavailable('go2rtc is busy')
      grab = this.#request(stream).finally(() => this.#running.delete(stream))
      this.#running.set(stream, grab)
    }
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new SnapshotUnavailable('go2rtc has none yet')), this.#limits.waitMs)
    })
    return Promise.race([grab, late]).finally(() => clearTimeout(timer))
  }

  async #request(stream: string): Promise<Buffer> {
    const { grabMs, bytes } = this.#limits
    try {
      const { statusCode, body } = await this.#pool.request({
        method: 'GET',
        path: `/api/frame.jpeg?${new URLSearchParams({ src: stream })}`,
        headersTimeout: grabMs,
        signal: AbortSignal.timeout(grabMs),
      })
      const jpeg = statusCode === 200 ? await readJpeg(body, bytes) : undefined
      if (jpeg) return jpeg
      await body.dump({ limit: 64 * 1024 })
      throw new SnapshotUnavailable(`go2rtc answered with status ${statusCode}`)
    } catch (error) {
      if (error instanceof SnapshotUnavailable) throw error
      throw new SnapshotUnavailable('go2rtc does not answer')
    }
  }
}

async function readJpeg(body: AsyncIterable<Buffer>, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of body) {
    length += chunk.length
    if (length > maxBytes) throw new SnapshotUnavailable(`more than ${maxBytes} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
