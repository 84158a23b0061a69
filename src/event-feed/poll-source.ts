import { later } from '../ledger/timers.ts'
import { type LiveEvent, readEvent } from './change.ts'
import type { Source, SourceListener } from './source.ts'

const POLL_MS = 5000
const FAILED_POLL_MS = 15_000
/** An event may be listed a while after it has begun. */
const MARGIN_SECONDS = 60

type Row = Readonly<Record<string, unknown>>

/** Asks Frigate for its newest events, again and again: what was not there before is new, what has an end now has ended. */
export class PollSource implements Source {
  readonly #newest: () => AsyncIterable<readonly Row[]>
  #going = new Map<string, LiveEvent>()
  #timer: NodeJS.Timeout | undefined
  #run = 0

  /** `newest` gives the newest ones first, some at a time. */
  constructor(newest: () => AsyncIterable<readonly Row[]>) {
    this.#newest = newest
  }

  start(listener: SourceListener): void {
    void this.#poll(listener, ++this.#run, news())
  }

  stop(): void {
    this.#run++
    clearTimeout(this.#timer)
    this.#going.clear()
  }

  async #poll(listener: SourceListener, run: number, since: number): Promise<void> {
    let pause = POLL_MS
    try {
      const listed: LiveEvent[] = []
      for await (const rows of this.#newest()) listed.push(...rows.flatMap(row => readEvent(row) ?? []))
      if (run !== this.#run) return
      // Where the clock was set back, what begins now has an earlier time than what was there before.
      since = Math.min(since, news())
      this.#compare(listener, listed, since)
      listener.connected(true)
    } catch {
      if (run !== this.#run) return
      pause = FAILED_POLL_MS
      listener.connected(false)
    }
    this.#timer = later(pause, () => this.#poll(listener, run, since))
  }

  /** Of what began before anybody listened, only the end is news. */
  #compare(listener: SourceListener, listed: readonly LiveEvent[], since: number): void {
    const going = new Map<string, LiveEvent>()
    for (const event of listed.toReversed()) {
      const wasGoing = this.#going.has(event.id)
      if (event.end_time === null) going.set(event.id, event)
      if (event.end_time !== null && wasGoing) listener.change({ type: 'end', event })
      else if (event.start_time > since)
        listener.change({ type: event.end_time === null ? 'new' : 'end', event })
      else if (wasGoing) listener.change({ type: 'update', event })
    }
    this.#going = going
  }
}

/** What began after that is news, in seconds since the epoch. */
function news(): number {
  return Date.now() / 1000 - MARGIN_SECONDS
}
