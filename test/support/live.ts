import type { Test } from 'tap'
import { type LiveOptions, LiveStreams } from '../../src/live/admission/live-streams.ts'
import type { BeatClock } from '../../src/live/camera/beat.ts'
import type { LiveSource, Receiver } from '../../src/live/camera/camera-connection.ts'
import type { EndCause, Sink } from '../../src/live/viewers/sink.ts'
import { watchBudget } from './budget.ts'

const KIB = 1024

/** The event loop as the beat sees it, played by hand. */
export class ManualClock implements BeatClock {
  /** Milliseconds. */
  time = 0
  #beat: (() => void) | undefined
  #polled: (() => void)[] = []

  readonly every = (_: number, run: () => void) => {
    this.#beat = run
    return () => {
      this.#beat = undefined
    }
  }

  readonly afterPoll = (run: () => void) => {
    this.#polled.push(run)
  }

  readonly now = () => this.time

  /** The timer is set. */
  get runs(): boolean {
    return this.#beat !== undefined
  }

  /** Something waits for the next poll. */
  get waits(): boolean {
    return this.#polled.length > 0
  }

  /** The timer goes off. */
  tick(): void {
    this.#beat?.()
  }

  /** One turn of the event loop ends. */
  poll(): void {
    for (const run of this.#polled.splice(0)) run()
  }

  /** A whole beat: the timer goes off, and the event loop turns for as long as it takes. */
  beat(): void {
    this.tick()
    while (this.waits) this.poll()
  }
}

/** A camera whose bytes a test sends by hand. */
export class ManualSource implements LiveSource {
  readonly clock = new ManualClock()
  readonly opened: {
    stream: string
    variant: string
    receiver: Receiver
    closed: boolean
    paused: boolean
    reads: number
  }[] = []

  open(stream: string, variant: string, receiver: Receiver) {
    const connection = { stream, variant, receiver, closed: false, paused: false, reads: 0 }
    this.opened.push(connection)
    return {
      close: () => {
        connection.closed = true
      },
      read: () => {
        connection.paused = false
        connection.reads++
      },
      get paused() {
        return connection.paused
      },
    }
  }

  /** Connections that are open now. */
  get openCount(): number {
    return this.opened.filter(one => !one.closed).length
  }

  /** Each chunk comes in a beat of its own. */
  send(...chunks: Uint8Array[]): void {
    for (const chunk of chunks) {
      const connection = this.opened.at(-1)!
      connection.receiver.data(chunk)
      this.clock.tick()
      connection.paused = true
      while (this.clock.waits) this.clock.poll()
    }
  }
}

/** A viewer that takes what it is given, or nothing while it is stalled. */
export class ManualSink implements Sink {
  readonly chunks: Uint8Array[] = []
  /** The very objects that it was given. */
  readonly given: Uint8Array[] = []
  ended: EndCause | undefined
  stalled = false
  writes = 0
  /** Runs in each write. */
  onWrite: (() => void) | undefined
  #waiting: (() => void)[] = []

  get queued(): number {
    return this.#waiting.length
  }

  write(chunks: readonly Uint8Array[], done: () => void): boolean {
    this.writes++
    this.onWrite?.()
    this.given.push(...chunks)
    this.chunks.push(...chunks.map(bytes => (this.stalled ? bytes : Buffer.from(bytes))))
    if (this.stalled) this.#waiting.push(done)
    return !this.stalled
  }

  end(cause: EndCause): void {
    this.ended = cause
  }

  resume(): void {
    this.stalled = false
    for (const done of this.#waiting.splice(0)) done()
  }

  get bytes(): Buffer {
    return Buffer.concat(this.chunks)
  }
}

export interface Logged {
  readonly fields: Record<string, unknown>
  readonly message: string
}

/** Live streams with limits small enough to run into, over a source that the test plays. */
export function liveStreams(
  t: Test,
  options: Partial<LiveOptions> = {},
  source: LiveSource = new ManualSource(),
) {
  const logged: Logged[] = []
  const log = (fields: object, message: string) => {
    logged.push({ fields: fields as Record<string, unknown>, message })
  }
  const live = new LiveStreams(
    source,
    {
      limits: {
        fragmentBytes: 64 * KIB,
        viewerBytes: 64 * KIB,
        streamBytes: 256 * KIB,
        processBytes: 1024 * KIB,
      },
      maxStreams: 4,
      lingerMs: 30_000,
      holdMs: 90_000,
      stalledMs: 15_000,
      silentMs: 10_000,
      retryMs: 5,
      beatMs: 40,
      ...(source instanceof ManualSource ? { beatClock: source.clock } : {}),
      ...options,
    },
    { info: log, warn: log },
  )
  t.teardown(() => live.close())
  watchBudget(t, live.budget)
  return { live, logged }
}
