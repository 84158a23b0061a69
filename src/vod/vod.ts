import type { Forwarding } from '../upstream/media.ts'
import type { MediaType } from '../upstream/media-type.ts'
import { VodNotFound } from './errors.ts'
import { isVodFile, rewritePlaylist } from './playlist.ts'

/** What is played: an event, or what is recorded of a camera between two epoch seconds. */
export type VodSubject =
  | { readonly event: string }
  | { readonly camera: string; readonly after: number; readonly before: number }

/** What this asks of Frigate. */
export interface VodUpstream {
  /** Rejects with `VOD_NOT_FOUND` and the errors of Frigate. */
  playlist(path: string, signal?: AbortSignal): Promise<string>
  segment(path: string, type: MediaType): Forwarding
}

/** By the end of a file's name, where it is not MP4. */
const TYPES: Readonly<Record<string, MediaType>> = { ts: 'video/mp2t', aac: 'audio/aac', vtt: 'text/vtt' }

const MASTER = 'master.m3u8'

/** HLS of clips and recordings as Frigate makes it out of its files, TS or fragmented MP4; nothing is kept of it here. */
export class Vod {
  readonly #upstream: VodUpstream

  constructor(upstream: VodUpstream) {
    this.#upstream = upstream
  }

  /** The master playlist; what it names is at `prefix`. */
  master(subject: VodSubject, prefix: string, signal?: AbortSignal): Promise<string> {
    return this.#playlist(folderOf(subject), MASTER, prefix, signal)
  }

  /** What a playlist has named. */
  async file(subject: VodSubject, name: string, signal?: AbortSignal): Promise<Forwarding | string> {
    if (!isVodFile(name)) throw new VodNotFound()
    const folder = folderOf(subject)
    if (name.endsWith('.m3u8')) return this.#playlist(folder, name, '', signal)
    return this.#upstream.segment(folder + name, TYPES[name.slice(name.lastIndexOf('.') + 1)] ?? 'video/mp4')
  }

  async #playlist(
    folder: string,
    name: string,
    prefix: string,
    signal: AbortSignal | undefined,
  ): Promise<string> {
    return rewritePlaylist(await this.#upstream.playlist(folder + name, signal), folder, prefix)
  }
}

function folderOf(subject: VodSubject): string {
  if ('event' in subject) return `/vod/event/${encodeURIComponent(subject.event)}/`
  const { camera, after, before } = subject
  return `/vod/${encodeURIComponent(camera)}/start/${after}/end/${before}/`
}
