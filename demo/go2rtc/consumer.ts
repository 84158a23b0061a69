import { initSegment } from '../fmp4/init-segment.ts'
import { Muxer } from '../fmp4/muxer.ts'
import type { Sample, Track } from '../footage/footage.ts'
import type { Producer } from './producer.ts'

export interface Selected {
  readonly producer: Producer
  /** Index into the tracks of that producer. */
  readonly track: number
}

/** Where a consumer's bytes go, and how it is ended from this side. */
export interface Sink {
  readonly format: 'mp4' | 'mse/fmp4' | 'mjpeg'
  readonly protocol: 'http' | 'ws'
  readonly remoteAddress: string
  readonly userAgent: string
  write(bytes: Buffer): void
  close(): void
}

/** One reader of a stream: a muxer and a connection of its own, nothing shared and nothing kept. */
export class Consumer {
  readonly tracks: readonly Track[]
  readonly sink: Sink
  bytesSent = 0
  readonly #selected: readonly Selected[]
  readonly #muxer: Muxer
  #waitsForSync: boolean
  #stops: (() => void)[] = []

  constructor(selected: readonly Selected[], sink: Sink) {
    this.#selected = selected
    this.tracks = selected.map(({ producer, track }) => producer.tracks[track] as Track)
    this.sink = sink
    this.#muxer = new Muxer(this.tracks)
    this.#waitsForSync = this.tracks.some(({ kind }) => kind === 'video')
  }

  get init(): Buffer {
    return initSegment(this.tracks)
  }

  /** From the next sync sample on; what comes before it is thrown away. */
  start(): void {
    for (const producer of new Set(this.#selected.map(selected => selected.producer))) {
      this.#stops.push(producer.receive((track, sample) => this.#take(producer, track, sample)))
    }
  }

  stop(): void {
    for (const stop of this.#stops.splice(0)) stop()
  }

  write(bytes: Buffer): void {
    this.bytesSent += bytes.length
    this.sink.write(bytes)
  }

  #take(producer: Producer, track: number, sample: Sample): void {
    const index = this.#selected.findIndex(one => one.producer === producer && one.track === track)
    const kind = this.tracks[index]?.kind
    if (kind === undefined) return
    if (this.#waitsForSync && !(kind === 'video' && sample.sync)) return
    this.#waitsForSync = false
    const raw = this.tracks[index]?.codec === 'jpeg'
    this.write(raw ? sample.data : this.#muxer.fragment(index, sample))
  }
}
