import { Cohort } from './cohort.ts'
import type { FanOut } from './fan-out.ts'
import type { Framing } from './framing.ts'
import type { Publisher } from './publisher.ts'
import type { Relayed } from './relay.ts'
import type { EndCause, Sink } from './sink.ts'
import { Subscriber, type SubscriberOptions } from './subscriber.ts'

/**
 * The viewers of a hub: those who are in step go along in cohorts, one for each transport, the others by themselves until they
 * have caught up.
 */
export class Audience implements Iterable<Subscriber> {
  readonly #hub: Publisher
  readonly #fanOut: FanOut | undefined
  readonly #settle: () => void
  readonly #left: () => void
  readonly #all = new Set<Subscriber>()
  readonly #alone = new Set<Subscriber>()
  readonly #cohorts = new Map<Framing, Cohort>()

  /** Without `fanOut` everybody goes alone; `settle` as for `Cohort`. */
  constructor(hub: Publisher, fanOut: FanOut | undefined, settle: () => void, left: () => void) {
    this.#hub = hub
    this.#fanOut = fanOut
    this.#settle = settle
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
    for (const { cursor } of this.#cohorts.values()) if (cursor < oldest) oldest = cursor
    for (const { cursor } of this.#alone) if (cursor < oldest) oldest = cursor
    return oldest
  }

  /** Somebody who goes alone could be sent what comes next. */
  get hasIdle(): boolean {
    return this.#alone.values().some(subscriber => !subscriber.isWriting)
  }

  /** The cohorts with anybody in them; undefined where there is none, or one has not all before packet `due`. */
  inStep(due: number): Cohort[] | undefined {
    const cohorts = this.#inStep
    return cohorts.length > 0 && cohorts.every(cohort => cohort.isAt(due)) ? cohorts : undefined
  }

  /** What has been relayed to all in step, up to packet `next` and where the tracks have got to then: see `Cohort`. */
  relayed({ writes, lastPackets, fallen }: Relayed, next: number, ends: readonly number[]): void {
    const cohorts = this.#inStep
    const last = writes.at(-1)
    for (const cohort of cohorts) {
      cohort.relayed(next, ends)
      for (const write of writes) if (write !== last) cohort.relayedWhole(write)
    }
    for (const { cohort, member, taken } of fallen) cohort.relayedInPart(member, next - lastPackets, taken)
    if (last) for (const cohort of cohorts) cohort.relayedWhole(last)
  }

  /** The hub lets go of those in step. */
  endInStep(cause: EndCause): void {
    for (const cohort of this.#inStep) cohort.end(cause)
  }

  /** The viewer is sent what is there before this returns. */
  add(sink: Sink, options: SubscriberOptions): Subscriber {
    this.#settle()
    const subscriber = new Subscriber(this.#hub, sink, options, {
      drained: subscriber => this.#drained(subscriber),
      fellOut: subscriber => this.#alone.add(subscriber),
      left: subscriber => this.#remove(subscriber),
    })
    this.#all.add(subscriber)
    this.#alone.add(subscriber)
    this.#pump(subscriber)
    return subscriber
  }

  /** Sends what is due; those who are further behind than they may be are moved on. */
  flush(): void {
    for (const cohort of this.#cohorts.values()) cohort.send(this.#hub.due)
    this.#flushAlone()
  }

  /** To those who go alone. */
  #flushAlone(): void {
    for (const subscriber of this.#alone) {
      subscriber.pump()
      if (subscriber.cursor < this.#hub.due) subscriber.limit()
      else this.#seat(subscriber)
    }
    this.#hub.timelines.settle()
  }

  /** Has everybody who still needs what comes before packet `sequence` give it up, but for a crowd that is just being sent to. */
  skipBefore(sequence: number): void {
    for (const cohort of this.#cohorts.values()) cohort.finish()
    for (const subscriber of this.#all) if (subscriber.cursor < sequence) subscriber.skip()
  }

  /** The hub lets everybody go. */
  end(cause: EndCause): void {
    for (const subscriber of [...this.#all]) subscriber.end(cause)
    for (const cohort of this.#cohorts.values()) cohort.close()
    this.#cohorts.clear()
  }

  get #inStep(): Cohort[] {
    return [...this.#cohorts.values()].filter(({ seats }) => seats.count > 0)
  }

  #drained(subscriber: Subscriber): void {
    this.#settle()
    if (subscriber.cursor < this.#hub.due) this.#pump(subscriber)
    else this.#seat(subscriber)
  }

  #pump(subscriber: Subscriber): void {
    subscriber.pump()
    this.#seat(subscriber)
    this.#hub.timelines.settle()
  }

  #seat(subscriber: Subscriber): void {
    const cohort = this.#cohortOf(subscriber.framing)
    if (cohort && subscriber.join(cohort)) this.#alone.delete(subscriber)
  }

  #cohortOf(framing: Framing): Cohort | undefined {
    let cohort = this.#cohorts.get(framing)
    if (!cohort && this.#fanOut) {
      const { tracks, timelines } = this.#hub
      const joiner = timelines.joiner(framing)
      cohort = new Cohort(this.#fanOut, joiner, tracks.length, this.#settle, () => {
        this.#settle()
        this.#flushAlone()
      })
      this.#cohorts.set(framing, cohort)
    }
    return cohort
  }

  #remove(subscriber: Subscriber): void {
    this.#all.delete(subscriber)
    this.#alone.delete(subscriber)
    this.#left()
  }
}

/** The viewer who is furthest behind and whose unfinished write holds bytes; undefined if all keep up. */
export function mostBacklogged(subscribers: Iterable<Subscriber>): Subscriber | undefined {
  let worst: Subscriber | undefined
  for (const subscriber of subscribers)
    if (subscriber.late && (!worst || subscriber.queued > worst.queued)) worst = subscriber
  return worst
}
