import type { Recorder } from '../recording/recorder.ts'
import { type PlaylistOptions, renderLowLatency, renderPlain } from './media-playlist.ts'

/** What the playlist of plain HLS is called. */
export const PLAIN_PLAYLIST = 'media.m3u8'

/** The media playlists of a window, rendered once for all who ask before it changes. */
export class Playlists {
  readonly #folder: string
  readonly #rendered = new Map<'low latency' | 'delta', string>()
  #plain: { readonly text: string; readonly first: number; readonly last: number } | undefined

  /** `folder` is what the URIs begin with. */
  constructor(folder: string) {
    this.#folder = folder
  }

  plain(recorder: Recorder): string {
    const { window } = recorder
    this.#plain ??= { text: renderPlain(window, this.#options(recorder)), ...listed(recorder) }
    return this.#plain.text
  }

  /** `skip` asks for a delta update. */
  lowLatency(recorder: Recorder, skip: boolean): string {
    const kind = skip ? 'delta' : 'low latency'
    let text = this.#rendered.get(kind)
    if (text === undefined) {
      text = renderLowLatency(recorder.window, this.#options(recorder), skip)
      this.#rendered.set(kind, text)
    }
    return text
  }

  /** Something was added; plain HLS lists whole segments. */
  changed(recorder: Recorder): void {
    this.#rendered.clear()
    const { first, last } = listed(recorder)
    if (this.#plain?.first !== first || this.#plain.last !== last) this.clear()
  }

  clear(): void {
    this.#rendered.clear()
    this.#plain = undefined
  }

  #options({ timing: { targetDuration, partSeconds } }: Recorder): PlaylistOptions {
    return { folder: this.#folder, targetDuration, partSeconds }
  }
}

/** Numbers of the segments that are listed. */
function listed({ window: { segments } }: Recorder): { readonly first: number; readonly last: number } {
  return { first: segments[0]?.number ?? -1, last: segments.at(-1)?.number ?? -1 }
}
