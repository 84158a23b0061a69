import { Semaphore } from '../shares/semaphore.ts'
import type { Owner } from '../shares/share.ts'
import { abortable } from '../upstream/abortable.ts'
import type { Forwarding, MediaReply, MediaRequest } from '../upstream/media.ts'
import { Pages } from '../upstream/pages.ts'
import type { ClipOwner, ClipUpstream } from './clip.ts'
import type { ClipFile, ClipFiles } from './clip-files.ts'
import { Download } from './download.ts'
import { ClipNotReady } from './errors.ts'
import { FileBody } from './file-body.ts'
import { answerFrom } from './stored-clip.ts'

export interface ClipsOptions {
  readonly upstream: ClipUpstream
  /** `undefined`: nothing is kept on disk. */
  readonly files: ClipFiles | undefined
}

/** Clips that are fetched to the disk at once, each of which is an ffmpeg of Frigate's. */
const FETCHED_AT_ONCE = 4

/** Clips of events, each of them seekable whatever Frigate gives. */
export class Clips {
  /** How long `HEAD` and Range wait for a clip that is fetched, in milliseconds. */
  waitMs = 60_000
  /** After so long a clip that may grow is fetched again, in milliseconds. */
  keepGrowingMs = 15_000
  readonly #upstream: ClipUpstream
  readonly #files: ClipFiles | undefined
  readonly #downloads = new Map<string, Download>()
  readonly #places = new Semaphore({ places: FETCHED_AT_ONCE })
  readonly #pages = new Pages()

  constructor({ upstream, files }: ClipsOptions) {
    this.#upstream = upstream
    this.#files = files
  }

  /** Clips that are being fetched. */
  get running(): number {
    return this.#downloads.size
  }

  get storedBytes(): number {
    return this.#files?.bytes ?? 0
  }

  /** Files of the cache that are read or written. */
  get openFiles(): number {
    return this.#files?.inUse ?? 0
  }

  /** `user` is whose share fetching it takes, where it has to be fetched. */
  async get(owner: ClipOwner, user: Owner, request: MediaRequest): Promise<MediaReply | Forwarding> {
    const stored = this.#files?.use(owner.id)
    const answer = stored && (await this.#answer(stored, request))
    if (answer) return answer
    if (await this.#upstream.takesRanges()) return this.#upstream.forward(owner.id)
    if (!this.#files) return this.#plain(owner.id, request)
    const running = this.#downloads.get(owner.id)
    if (running?.overflowing) return this.#plain(owner.id, request)
    const download = running?.abandoned === false ? running : this.#fetch(this.#files, owner, user)
    const leave = download.join()
    try {
      if (request.method === 'GET' && request.range === undefined)
        return await this.#stream(download, request)
      await this.#wait(download, request.signal)
      const complete = this.#files.use(owner.id)
      const answer = complete && (await this.#answer(complete, request))
      return answer ?? this.#plain(owner.id, request)
    } finally {
      leave()
    }
  }

  #fetch(files: ClipFiles, owner: ClipOwner, user: Owner): Download {
    const { id } = owner
    const download = new Download(files, {
      id,
      // Before it is fetched: what is recorded meanwhile may not be in it.
      open: async signal => {
        const isFinal = await this.#upstream.isFinal(owner, signal)
        return {
          ...(await this.#upstream.open(id, signal)),
          keepMs: isFinal ? undefined : this.keepGrowingMs,
        }
      },
      enter: signal => this.#places.enter(user.user, signal),
      pages: this.#pages,
    })
    const forget = () => {
      if (this.#downloads.get(id) === download) this.#downloads.delete(id)
    }
    this.#downloads.set(id, download)
    download.outcome.then(forget, forget)
    void download.run()
    return download
  }

  /** As it comes, without length: what it will be is not known yet. */
  async #stream(download: Download, { signal }: MediaRequest): Promise<MediaReply> {
    const body = download.read()
    try {
      await abortable(download.started, signal)
    } catch (error) {
      body.close()
      throw error
    }
    return { status: 200, headers: AS_IT_COMES, body }
  }

  async #wait(download: Download, signal: AbortSignal): Promise<void> {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new ClipNotReady()), this.waitMs)
    })
    try {
      await abortable(Promise.race([download.outcome, late]), signal)
    } finally {
      clearTimeout(timer)
    }
  }

  /** Without a place on disk: from Frigate to the one client. Its pipe does not know `HEAD`. */
  #plain(id: string, { method }: MediaRequest): MediaReply | Forwarding {
    return method === 'HEAD' ? { status: 200, headers: AS_IT_COMES } : this.#upstream.forward(id)
  }

  /** `undefined` if the file is not there any more as it was written: it is forgotten then. */
  async #answer(file: ClipFile, request: MediaRequest): Promise<MediaReply | undefined> {
    const release = () => void this.#files?.release(file)
    const { reply, part } = answerFrom(file, request)
    try {
      if (part) return { ...reply, body: await FileBody.open(file, part.start, part.end, release) }
    } catch {
      await this.#files?.forget(file)
      release()
      return undefined
    }
    release()
    return reply
  }
}

const AS_IT_COMES = { 'content-type': 'video/mp4', 'cache-control': 'private, no-store' }
