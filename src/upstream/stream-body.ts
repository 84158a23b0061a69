import type { Readable } from 'node:stream'
import { buffersDropped } from '../memory/dropped-buffers.ts'
import type { PulledBody } from './media.ts'

/** What comes in from an upstream. Its chunks are garbage as soon as they have been read. */
export class StreamBody implements PulledBody {
  readonly #stream: Readable
  readonly #chunks: AsyncIterator<Buffer>
  #rest: Buffer | undefined
  #closed = false

  constructor(stream: Readable) {
    this.#stream = stream
    this.#chunks = stream[Symbol.asyncIterator]()
  }

  async read(into: Buffer): Promise<number> {
    while (!this.#rest?.length) {
      const next = await this.#next()
      if (next === undefined) return 0
      this.#rest = next
    }
    const bytes = this.#rest.copy(into)
    this.#rest = bytes < this.#rest.length ? this.#rest.subarray(bytes) : undefined
    buffersDropped(bytes)
    return bytes
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    buffersDropped(this.#stream.readableLength)
    this.#rest = undefined
    this.#stream.destroy()
  }

  async #next(): Promise<Buffer | undefined> {
    if (this.#closed) return undefined
    try {
      const { done, value } = await this.#chunks.next()
      return done || this.#closed ? undefined : value
    } catch (error) {
      if (this.#closed) return undefined
      throw error
    }
  }
}
