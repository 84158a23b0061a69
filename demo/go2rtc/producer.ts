import type { Footage, Sample, Track } from '../footage/footage.ts'

export type Receive = (track: number, sample: Sample) => void

/**
 * One source of a stream. It plays its footage in real time while somebody receives it; the first receiver
 * starts it from the beginning, as a camera sends a sync sample first when it is asked to play.
 */
export class Producer {
  readonly url: string
  readonly #footage: Footage
  readonly #receivers = new Set<Receive>()
  readonly #stills: Iterator<Sample, never>
  #samples: Iterator<Sample, never>
  #next: Sample
  #timer: NodeJS.Timeout | undefined
  /** The `performance.now()` that corresponds to timestamp 0. */
  #origin = 0
  #pausedAt: number | undefined

  constructor(url: string, footage: Footage) {
    this.url = url
    this.#footage = footage
    this.#stills = footage.samples()
    this.#samples = footage.samples()
    this.#next = this.#samples.next().value
  }

  get tracks(): readonly Track[] {
    return this.#footage.tracks
  }

  /** A sample on its own, the next one each time; of use where each is a picture. */
  still(): Buffer {
    return this.#stills.next().value.data
  }

  receive(receiver: Receive): () => void {
    this.#receivers.add(receiver)
    if (this.#receivers.size === 1) this.#start()
    return () => {
      if (this.#receivers.delete(receiver) && this.#receivers.size === 0) clearTimeout(this.#timer)
    }
  }

  /** A camera that stays connected and says nothing. */
  pause(): void {
    this.#pausedAt ??= performance.now()
    clearTimeout(this.#timer)
  }

  /** Goes on where it stopped. */
  resume(): void {
    if (this.#pausedAt === undefined) return
    this.#origin += performance.now() - this.#pausedAt
    this.#pausedAt = undefined
    if (this.#receivers.size > 0) this.#schedule()
  }

  #start(): void {
    this.#samples = this.#footage.samples()
    this.#next = this.#samples.next().value
    this.#origin = this.#pausedAt ?? performance.now()
    if (this.#pausedAt === undefined) this.#schedule()
  }

  #schedule(): void {
    clearTimeout(this.#timer)
    const wait = this.#milliseconds(this.#next) - (performance.now() - this.#origin)
    this.#timer = setTimeout(() => this.#emitDue(), Math.max(1, wait))
  }

  #emitDue(): void {
    const elapsed = performance.now() - this.#origin
    while (this.#milliseconds(this.#next) <= elapsed) {
      const sample = this.#next
      this.#next = this.#samples.next().value
      for (const receiver of this.#receivers) receiver(sample.track, sample)
    }
    if (this.#receivers.size > 0 && this.#pausedAt === undefined) this.#schedule()
  }

  #milliseconds(sample: Sample): number {
    return (sample.timestamp * 1000) / (this.tracks[sample.track]?.timescale ?? 1)
  }
}
