/** viewers/: who watches a stream, what each is sent next, and how it leaves. */
import type { Publisher } from '../publisher.ts'
import type { EndCause, Sink } from './sink.ts'
import { Subscriber, type SubscriberOptions } from './subscriber.ts'

/** The viewers of a hub. */
export class Audience implements Iterable<Subscriber> {
  readonly #hub: Publisher
  readonly #left: () => void
  readonly #all = new Set<Subscriber>()

  /** `left` is called when a viewer has gone. */
  constructor(hub: Publisher, left: () => void) {
    this.#hub = hub
    this.#left = left
  }

  get size(): number {
    return this.#all.size
  }

  [Symbol.iterator](): Iterator<Subscriber> {
    return this.#all.values()
  }

  /** The oldest packet that anybody needs, by sequence number; infinite where nobody does. */
  get oldest(): number {
    let all = Number.POSITIVE_INFINITY
    for (const { oldest } of this.#all) if (oldest < all) all = oldest
    return all
  }

  /** The viewer is sent what is there before this returns. */
  add(sink: Sink, options: SubscriberOptions): Subscriber {
    const subscriber = new Subscriber(this.#hub, sink, options, {
      drained: subscriber => subscriber.pump(),
      left: subscriber => {
        this.#all.delete(subscriber)
        this.#left()
      },
    })
    this.#all.add(subscriber)
    subscriber.pump()
    return subscriber
  }

  /** Sends everybody what is there; `level` is the first packet that is new. Those who are too far behind are moved on. */
  flush(level: number): void {
    const { timelines } = this.#hub.media
    timelines.beginFlush(level)
    for (const subscriber of this.#all) {
      subscriber.pump()
      subscriber.limit()
    }
    timelines.endFlush()
  }

  /** The hub lets everybody go. */
  end(cause: EndCause): void {
    for (const subscriber of [...this.#all]) subscriber.end(cause)
  }
}
