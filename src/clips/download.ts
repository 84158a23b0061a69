import { createHash } from 'node:crypto'
import type { PulledBody } from '../upstream/media.ts'
import type { Pages } from '../upstream/pages.ts'
import type { ClipFiles } from './clip-files.ts'
import { ClipBroken, ClipEmpty } from './errors.ts'
import { GrowingFile } from './growing-file.ts'
import { PlainMp4 } from './plain-mp4.ts'

/** What a clip comes from: its headers have been seen, its body has not. */
export interface ClipSource {
  readonly body: PulledBody
  /** Where the upstream says so. */
  readonly length: number | undefined
  /** How long the clip is kept, in milliseconds; `undefined`: as long as there is room. */
  readonly keepMs: number | undefined
}

export interface DownloadOptions {
  readonly id: string
  readonly open: (signal: AbortSignal) => Promise<ClipSource>
  /** Resolves when this one may fill the disk, to what is called when it does so no more. */
  readonly enter: (signal: AbortSignal) => Promise<() => void>
  readonly pages: Pages
}

/** `overflow`: there is no room for all of it on the disk. */
export type Outcome = 'complete' | 'overflow'

interface Reader {
  /** How far it has read. */
  at: number
}

/** A clip that broke off is handed out for so long before it is fetched again, in milliseconds. */
const KEEP_BROKEN_MS = 30_000
/** Without room on the disk all readers go at the pace of the slowest: one that takes nothing for so long is cut. */
const STALLED_MS = 30_000

/**
 * One clip on its way from Frigate to the disk, however many want it. Everybody reads from the file as it grows;
 * what finds no room there goes from hand to hand. When nobody wants it any more the request to Frigate is aborted.
 */
export class Download {
  readonly #files: ClipFiles
  readonly #options: DownloadOptions
  readonly #abort = new AbortController()
  readonly #readers = new Set<Reader>()
  readonly #started = Promise.withResolvers<void>()
  readonly #outcome = Promise.withResolvers<Outcome>()
  #wanted = 0
  /** Without one, everything goes from hand to hand. */
  #file: GrowingFile | undefined
  #leave = () => {}
  /** What found no room, and where it belongs. */
  #passing: { readonly chunk: Uint8Array; readonly at: number } | undefined
  #ended = false
  #failure: unknown
  #changed = Promise.withResolvers<void>()

  constructor(files: ClipFiles, options: DownloadOptions) {
    this.#files = files
    this.#options = options
    this.#started.promise.catch(() => {})
    this.#outcome.promise.catch(() => {})
  }

  /** Resolves when Frigate has begun to answer with a clip in which there is something; rejects if it does not. */
  get started(): Promise<void> {
    return this.#started.promise
  }

  /** Resolves when all of it is on the disk, or will never be; rejects if it broke off. */
  get outcome(): Promise<Outcome> {
    return this.#outcome.promise
  }

  /** There is no room for the rest: whoever comes now has missed something. */
  get overflowing(): boolean {
    return this.#passing !== undefined
  }

  /** Nobody wanted it any more: it will not become complete. */
  get abandoned(): boolean {
    return this.#abort.signal.aborted
  }

  /** Somebody wants this clip, until the returned function is called. */
  join(): () => void {
    this.#wanted++
    let joined = true
    return () => {
      if (!joined) return
      joined = false
      if (--this.#wanted === 0 && !this.#ended) this.#abort.abort()
    }
  }

  /** Fetches the clip. Resolves, and never rejects, when the request and the file are done with. */
  async run(): Promise<void> {
    try {
      await this.#fetch()
    } catch (error) {
      this.#end(error)
      this.#started.reject(error)
      this.#outcome.reject(error)
    }
    this.#leave()
    while (this.#readers.size > 0) await this.#changed.promise
    await this.#file?.close()
  }

  /** The clip from its start, as it comes. */
  read(): PulledBody {
    const reader: Reader = { at: 0 }
    const leave = this.join()
    this.#readers.add(reader)
    let closed = false
    return {
      read: async into => (closed ? 0 : this.#next(reader, into)),
      close: () => {
        closed = true
        this.#readers.delete(reader)
        leave()
        this.#notify()
      },
    }
  }

  async #fetch(): Promise<void> {
    this.#leave = await this.#options.enter(this.#abort.signal)
    const { body, length, keepMs } = await this.#options.open(this.#abort.signal)
    this.#file = await GrowingFile.create(this.#files, this.#options.id)
    const hash = createHash('sha256')
    const mp4 = new PlainMp4()
    let received = 0
    let at = 0
    const put = async (chunk: Uint8Array) => {
      if (this.#passing || !(await this.#file?.append(chunk))) await this.#pass(chunk, at)
      else {
        hash.update(chunk)
        this.#notify()
      }
      at += chunk.length
    }
    for await (const part of this.#parts(body)) {
      for (const chunk of mp4.push(part)) await put(chunk)
      received += part.length
      if (mp4.hasMedia) this.#started.resolve()
    }
    if (!mp4.hasMedia) throw new ClipEmpty()
    for (const chunk of mp4.finish()) await put(chunk)
    this.#end(undefined)
    if (this.#passing) return
    const whole = mp4.whole && (length ?? received) === received
    const etag = hash.digest('base64url').slice(0, 27)
    const kept = await this.#file?.keep(etag, whole ? keepMs : KEEP_BROKEN_MS)
    this.#outcome.resolve(kept ? 'complete' : 'overflow')
  }

  /** All of a body, through one page: a part is over when the next one is asked for. */
  async *#parts(body: PulledBody): AsyncGenerator<Buffer> {
    let page: Buffer | undefined
    try {
      page = this.#options.pages.take()
      for (let bytes = await body.read(page); bytes > 0; bytes = await body.read(page))
        yield page.subarray(0, bytes)
    } finally {
      body.close()
      if (page) this.#options.pages.give(page)
    }
  }

  /** From hand to hand: resolves when every reader has it. */
  async #pass(chunk: Uint8Array, at: number): Promise<void> {
    this.#passing = { chunk, at }
    this.#started.resolve()
    this.#leave()
    this.#outcome.resolve('overflow')
    this.#notify()
    const lagging = () => [...this.#readers].filter(reader => reader.at < at + chunk.length)
    const cut = setTimeout(() => {
      for (const reader of lagging()) this.#readers.delete(reader)
      this.#notify()
    }, STALLED_MS)
    try {
      while (lagging().length > 0) await this.#changed.promise
    } finally {
      clearTimeout(cut)
    }
  }

  async #next(reader: Reader, into: Buffer): Promise<number> {
    while (this.#readers.has(reader)) {
      if (this.#file && this.#file.written > reader.at) {
        const bytes = await this.#file.read(into, reader.at)
        reader.at += bytes
        return bytes
      }
      const passed = this.#passing?.chunk.subarray(reader.at - this.#passing.at).subarray(0, into.length)
      if (passed?.length) {
        into.set(passed)
        reader.at += passed.length
        this.#notify()
        return passed.length
      }
      if (this.#ended) {
        if (this.#failure !== undefined) throw this.#failure
        return 0
      }
      await this.#changed.promise
    }
    throw new ClipBroken()
  }

  #end(failure: unknown): void {
    this.#ended = true
    this.#failure = failure
    this.#notify()
  }

  #notify(): void {
    this.#changed.resolve()
    this.#changed = Promise.withResolvers()
  }
}
