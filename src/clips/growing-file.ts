import type { FileHandle } from 'node:fs/promises'
import type { ClipFile, ClipFiles } from './clip-files.ts'

/** A clip's file while it is written: others read what there is of it, each from where they have got to. */
export class GrowingFile {
  readonly #files: ClipFiles
  readonly #file: ClipFile
  readonly #handle: FileHandle
  #written = 0

  private constructor(files: ClipFiles, file: ClipFile, handle: FileHandle) {
    this.#files = files
    this.#file = file
    this.#handle = handle
  }

  /** `undefined` where no file can be made: a disk that cannot be written to is like one that is full. */
  static async create(files: ClipFiles, id: string): Promise<GrowingFile | undefined> {
    try {
      const { file, handle } = await files.create(id)
      return new GrowingFile(files, file, handle)
    } catch {
      return undefined
    }
  }

  /** Bytes that can be read. */
  get written(): number {
    return this.#written
  }

  /** Resolves to `false`, and nothing has changed for readers, if there is no room. */
  async append(chunk: Uint8Array): Promise<boolean> {
    if (!(await this.#files.grow(this.#file, chunk.length))) return false
    try {
      for (let done = 0; done < chunk.length; ) {
        const position = this.#written + done
        done += (await this.#handle.write(chunk, done, chunk.length - done, position)).bytesWritten
      }
    } catch {
      return false
    }
    this.#written += chunk.length
    return true
  }

  /** Resolves to the number of bytes from `at` that are now in `into`. */
  async read(into: Buffer, at: number): Promise<number> {
    const length = Math.min(into.length, this.#written - at)
    return (await this.#handle.read(into, 0, length, at)).bytesRead
  }

  /** It is complete and found from now on, with `keepMs` only for so long. `false` if the disk did not take it. */
  async keep(etag: string, keepMs: number | undefined): Promise<boolean> {
    try {
      await this.#handle.datasync()
      await this.#files.commit(this.#file, etag, keepMs)
      return true
    } catch {
      return false
    }
  }

  async close(): Promise<void> {
    try {
      await this.#handle.close()
    } finally {
      await this.#files.release(this.#file)
    }
  }
}
