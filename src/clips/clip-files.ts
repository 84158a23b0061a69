import { mkdir, open, readdir, rename, rm, stat, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { later } from '../ledger/timers.ts'
import { makePrivate } from '../private-files.ts'

/** One clip on disk. It counts against the limit until its file is gone. */
export class ClipFile {
  readonly id: string
  path: string
  bytes: number
  /** Made from the content; empty until the clip is complete. */
  etag = ''
  /** Who reads or writes it: as long as there is somebody the file stays. */
  users = 0
  /** Nobody else shall get it: it goes with its last user. So does one that never became complete. */
  doomed = true

  constructor(id: string, path: string, bytes: number) {
    this.id = id
    this.path = path
    this.bytes = bytes
  }
}

/**
 * `<event>~<etag>.final.mp4`, `<number>.brief` for one that is not kept over a restart, `<number>.part`. Earlier versions had no `.final`, and
 * kept what was not.
 */
const NAME = /^(?:([A-Za-z0-9][\w.-]*)~([\w-]+)(\.final)?\.mp4|\d+\.(?:part|brief))$/

/**
 * Clips on disk within a hard byte limit: what was used longest ago goes first. A clip has its name only when all
 * of it is on the disk, so that a crash leaves nothing that looks whole and is not.
 */
export class ClipFiles {
  readonly #folder: string
  readonly #limit: number
  /** Complete ones by event, the one that was used longest ago first. */
  readonly #complete = new Map<string, ClipFile>()
  /** How often files are read or written now, or are on their way out. */
  inUse = 0
  #bytes = 0
  #named = 0

  private constructor(folder: string, limit: number) {
    this.#folder = folder
    this.#limit = limit
  }

  /** Takes over what an earlier run has left in `folder`; nothing else in there is touched. */
  static async open(folder: string, limit: number): Promise<ClipFiles> {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    const files = new ClipFiles(folder, limit)
    const found: { file: ClipFile; usedAt: number }[] = []
    for (const name of await readdir(folder)) {
      const match = NAME.exec(name)
      if (!match) continue
      const path = join(folder, name)
      const [, id, etag, final] = match
      if (id === undefined || etag === undefined || final === undefined) {
        await rm(path, { force: true })
        continue
      }
      await makePrivate(path)
      const { size, mtimeMs } = await stat(path)
      const file = new ClipFile(id, path, size)
      file.etag = etag
      file.doomed = false
      found.push({ file, usedAt: mtimeMs })
    }
    for (const { file } of found.sort((a, b) => a.usedAt - b.usedAt)) {
      files.#complete.set(file.id, file)
      files.#bytes += file.bytes
    }
    await files.#claim(0)
    return files
  }

  /** On disk now, in bytes. */
  get bytes(): number {
    return this.#bytes
  }

  get count(): number {
    return this.#complete.size
  }

  /** A complete clip; the caller uses it until `release`. */
  use(id: string): ClipFile | undefined {
    const file = this.#complete.get(id)
    if (!file) return undefined
    this.#complete.delete(id)
    this.#complete.set(id, file)
    file.users++
    this.inUse++
    return file
  }

  async release(file: ClipFile): Promise<void> {
    file.users--
    if (file.users === 0 && file.doomed) await this.#remove(file)
    this.inUse--
  }

  /** A new file to write to, which the caller uses. Its bytes are claimed by `grow` before they are written. */
  async create(id: string) {
    const file = new ClipFile(id, join(this.#folder, `${this.#named++}.part`), 0)
    const handle = await open(file.path, 'wx+', 0o600)
    file.users++
    this.inUse++
    return { file, handle }
  }

  /** Claims room for more bytes of a file that is written; `false`: there is none and none can be made. */
  async grow(file: ClipFile, bytes: number): Promise<boolean> {
    if (!(await this.#claim(bytes))) return false
    file.bytes += bytes
    return true
  }

  /** The file is complete: from now on it is found. With `keepMs` only for so long, and not after a restart. */
  async commit(file: ClipFile, etag: string, keepMs?: number): Promise<void> {
    const name = keepMs === undefined ? `${file.id}~${etag}.final.mp4` : `${this.#named++}.brief`
    const path = join(this.#folder, name)
    const before = this.#complete.get(file.id)
    if (before?.path === path) return
    await rename(file.path, path)
    file.path = path
    file.etag = etag
    file.doomed = false
    await this.forget(before)
    this.#complete.set(file.id, file)
    if (keepMs !== undefined) later(keepMs, () => this.forget(file))
  }

  /** Checked and claimed in one step: others claim while a victim is removed. */
  async #claim(bytes: number): Promise<boolean> {
    while (this.#bytes + bytes > this.#limit) {
      const victim = [...this.#complete.values()].find(file => file.users === 0)
      if (!victim) return false
      await this.forget(victim)
    }
    this.#bytes += bytes
    return true
  }

  /** Nobody gets it any more, and it goes with its last user. */
  async forget(file: ClipFile | undefined): Promise<void> {
    if (!file || file.doomed) return
    file.doomed = true
    if (this.#complete.get(file.id) === file) this.#complete.delete(file.id)
    if (file.users === 0) await this.#remove(file)
  }

  async #remove(file: ClipFile): Promise<void> {
    await unlink(file.path).catch(() => {})
    this.#bytes -= file.bytes
    file.bytes = 0
  }
}
