import type { PulledBody } from '../../src/upstream/media.ts'

/** A body of these bytes; `closed` tells whether it was closed. */
export class BytesBody implements PulledBody {
  closed = false
  #rest: Uint8Array

  constructor(bytes: Uint8Array) {
    this.#rest = bytes
  }

  async read(into: Buffer): Promise<number> {
    if (this.closed) return 0
    const part = this.#rest.subarray(0, into.length)
    into.set(part)
    this.#rest = this.#rest.subarray(part.length)
    return part.length
  }

  close(): void {
    this.closed = true
  }
}

/** All that is left of a body, through one page. It stays open. */
export async function readAll(body: PulledBody, page = Buffer.alloc(64 * 1024)): Promise<Buffer> {
  const read: Buffer[] = []
  for (let bytes = await body.read(page); bytes > 0; bytes = await body.read(page))
    read.push(Buffer.from(page.subarray(0, bytes)))
  return Buffer.concat(read)
}
