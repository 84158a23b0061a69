import type { Footage } from '../footage/footage.ts'
import { Stream } from './stream.ts'

/** The streams by name, and whether somebody tried to make one. */
export class Streams {
  /** How often a `src` came that go2rtc would have taken for a source and *created*: it must stay 0. */
  created = 0
  readonly #streams: ReadonlyMap<string, Stream>

  constructor(footages: Readonly<Record<string, readonly Footage[]>>) {
    this.#streams = new Map(
      Object.entries(footages).map(([name, sources]) => [name, new Stream(name, sources)]),
    )
  }

  all(): Iterable<Stream> {
    return this.#streams.values()
  }

  byName(name: string | null): Stream | undefined {
    return name === null ? undefined : this.#streams.get(name)
  }

  /** As `byName`, for the routes where go2rtc creates what it does not know. */
  bySource(source: string | null): Stream | undefined {
    const stream = this.byName(source)
    if (!stream && source !== null && source !== '') this.created++
    return stream
  }
}
