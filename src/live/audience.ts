import type { Publisher } from './publisher.ts'
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
  get cursor(): number {
    let oldest = Number.POSITIVE_INFINITY
    for (const { cursor } of this.#all) if (cursor < oldest) oldest = cursor
    return oldest
  }

  /** The viewer is sent what is there before this returns. */
  add(sink: Sink, options: SubscriberOptions): Subscriber {
    const subscriber = new Subscriber(this.#hub, sink, options, {
      drained: subscriber => this.#pump(subscriber),
      left: subscriber => {
        this.#all.delete(subscriber)
        this.#left()
      },
    })
    this.#all.add(subscriber)
    this.#pump(subscriber)
    return subscriber
  }

  /** Sends what is due; those who are further behind than they may be are moved on. */
  flush(): void {
    for (const subscriber of this.#all) {
      subscriber.pump()
      subscriber.limit()
    }
    this.#hub.timelines.settle()
  }

  /** Has everybody who still needs what comes before packet `sequence` give it up. */
  skipBefore(sequence: number): void {
    for (const subscriber of this.#all) if (subscriber.cursor < sequence) subscriber.skip()
  }

  /** The hub lets everybody go. */
  end(cause: EndCause): void {
    for (const subscriber of [...this.#all]) subscriber.end(cause)
  }

  #pump(subscriber: Subscriber): void {
    subscriber.pump()
    this.#hub.timelines.settle()
  }
}

/** The viewer who is furthest behind and whose unfinished write holds bytes; undefined if all keep up. */
export function mostBacklogged(subscribers: Iterable<Subscriber>): Subscriber | undefined {
  let worst: Subscriber | undefined
  for (const subscriber of subscribers)
    if (subscriber.late && (!worst || subscriber.queued > worst.queued)) worst = subscriber
  return worst
}
