import { type PlaylistOptions, renderLowLatency, renderPlain } from './media-playlist.ts'
import type { Recorder } from './recorder.ts'

/** The media playlists of a window, rendered once for all who ask before it changes. */
export class Playlists {
  readonly #folder: string
  readonly #rendered = new Map<'plain' | 'low latency' | 'delta', string>()

  /** `folder` is what the URIs begin with. */
  constructor(folder: string) {
    this.#folder = folder
  }

  plain(recorder: Recorder): string {
    return this.#render('plain', () => renderPlain(recorder.window, this.#options(recorder)))
  }

  /** `skip` asks for a delta update. */
  lowLatency(recorder: Recorder, skip: boolean): string {
    return this.#render(skip ? 'delta' : 'low latency', () =>
      renderLowLatency(recorder.window, this.#options(recorder), skip),
    )
  }

  clear(): void {
    this.#rendered.clear()
  }

  #render(kind: 'plain' | 'low latency' | 'delta', render: () => string): string {
    let text = this.#rendered.get(kind)
    if (text === undefined) {
      text = render()
      this.#rendered.set(kind, text)
    }
    return text
  }

  #options({ timing: { targetDuration, partSeconds } }: Recorder): PlaylistOptions {
    return { folder: this.#folder, targetDuration, partSeconds }
  }
}
