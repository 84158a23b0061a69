import { type FileHandle, open } from 'node:fs/promises'
import type { PulledBody } from '../upstream/media.ts'
import type { ClipFile } from './clip-files.ts'
import { ClipBroken } from './errors.ts'

/** A part of a file. */
export class FileBody implements PulledBody {
  readonly #handle: FileHandle
  readonly #last: number
  readonly #onClose: () => void
  #at: number
  #closed = false

  private constructor(handle: FileHandle, first: number, last: number, onClose: () => void) {
    this.#handle = handle
    this.#at = first
    this.#last = last
    this.#onClose = onClose
  }

  /** The bytes from `first` to `last`, both included; `onClose` is called once. Rejects if the file has another length. */
  static async open(
    { path, bytes }: Pick<ClipFile, 'path' | 'bytes'>,
    first: number,
    last: number,
    onClose: () => void,
  ): Promise<FileBody> {
    const handle = await open(path, 'r')
    if ((await handle.stat()).size === bytes) return new FileBody(handle, first, last, onClose)
    await handle.close()
    throw new ClipBroken()
  }

  async read(into: Buffer): Promise<number> {
    const length = Math.min(into.length, this.#last + 1 - this.#at)
    if (length === 0 || this.#closed) return 0
    const { bytesRead } = await this.#handle.read(into, 0, length, this.#at)
    if (bytesRead === 0) throw new ClipBroken()
    this.#at += bytesRead
    return bytesRead
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    void this.#handle.close().finally(this.#onClose)
  }
}
