import type { Footage, Track } from '../footage/footage.ts'
import { Consumer, type Selected, type Sink } from './consumer.ts'
import { Producer } from './producer.ts'
import type { Wanted } from './selection.ts'

/** What every source URL of the stand-in contains, so that a test can look for it where it must not be. */
export const CAMERA_PASSWORD = 'camera-password-that-must-not-leak'

const NAMES: Readonly<Record<string, string>> = { jpeg: 'JPEG', pcm: 'S16B', pcml: 'S16L' }

/** One named stream: its sources, who reads it now, and how to make it misbehave. */
export class Stream {
  readonly name: string
  /** Consumers ever. */
  opened = 0
  readonly #consumers = new Set<Consumer>()
  #producers: readonly Producer[]
  #failure: string | undefined

  constructor(name: string, footages: readonly Footage[]) {
    this.name = name
    this.#producers = this.#producersOf(footages)
  }

  get consumers(): ReadonlySet<Consumer> {
    return this.#consumers
  }

  get producers(): readonly Producer[] {
    return this.#producers
  }

  /** Throws go2rtc's sentence when nothing fits. */
  add(wanted: readonly Wanted[], sink: Sink): Consumer {
    if (this.#failure !== undefined) throw new Error(`streams: ${this.#failure}`)
    const selected = wanted.map(want => this.#select(want)).filter(found => found !== undefined)
    if (selected.length === 0) throw new Error(this.#notMatched(wanted))
    const consumer = new Consumer(selected, sink)
    this.#consumers.add(consumer)
    this.opened++
    return consumer
  }

  remove(consumer: Consumer): void {
    if (this.#consumers.delete(consumer)) consumer.stop()
  }

  /** What `frame.jpeg` shows, where the stream has pictures. */
  picture(): Buffer | undefined {
    const source = this.#producers.find(({ tracks }) => tracks.some(({ codec }) => codec === 'jpeg'))
    return source?.still()
  }

  /** Every consumer stays connected and gets nothing. */
  pause(): void {
    for (const producer of this.#producers) producer.pause()
  }

  resume(): void {
    for (const producer of this.#producers) producer.resume()
  }

  /** Writes these bytes to every consumer, wherever it is in its stream. */
  garbage(bytes: Buffer): void {
    for (const consumer of this.#consumers) consumer.write(bytes)
  }

  /** Ends every connection, as a camera does that goes away. */
  closeAll(): void {
    for (const consumer of this.#consumers) {
      this.remove(consumer)
      consumer.sink.close()
    }
  }

  /** New consumers are refused with this sentence; `undefined`: no longer. */
  fail(reason: string | undefined): void {
    this.#failure = reason
  }

  /** From now on the sources are these, e.g. with other sample descriptions. Whoever reads the old ones is closed. */
  change(...footages: readonly Footage[]): void {
    this.closeAll()
    this.#producers = this.#producersOf(footages)
  }

  #producersOf(footages: readonly Footage[]): Producer[] {
    const host = `viewer:${CAMERA_PASSWORD}@192.0.2.10:554`
    return footages.map((footage, index) => new Producer(`rtsp://${host}/${this.name}/${index}`, footage))
  }

  #select(want: Wanted): Selected | undefined {
    for (const producer of this.#producers) {
      const track = producer.tracks.findIndex(
        ({ kind, codec }) =>
          kind === want.kind && (want.codecs.includes(codec) || want.codecs.includes('any')),
      )
      if (track >= 0) return { producer, track }
    }
    return undefined
  }

  #notMatched(wanted: readonly Wanted[]): string {
    const print = (codec: string) => NAMES[codec] ?? codec.toUpperCase()
    const line = (parts: readonly string[]) => [...new Set(parts)].join(', ')
    const has = this.#producers.flatMap(({ tracks }) =>
      tracks.map((track: Track) => `${track.kind}:${print(track.codec)}`),
    )
    const asked = wanted.flatMap(({ kind, codecs }) => codecs.map(codec => `${kind}:${print(codec)}`))
    return `streams: codecs not matched: ${line(has)} => ${line(asked)}`
  }
}
