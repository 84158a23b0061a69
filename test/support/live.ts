import type { Test } from 'tap'
import type { LiveSource, Receiver } from '../../src/live/camera-connection.ts'
import { type LiveOptions, LiveStreams } from '../../src/live/live-streams.ts'
import type { EndCause, Sink } from '../../src/live/sink.ts'
import { watchBudget } from './budget.ts'

const KIB = 1024

/** A camera whose bytes a test sends by hand. */
export class ManualSource implements LiveSource {
  readonly opened: {
    stream: string
    variant: string
    receiver: Receiver
    closed: boolean
    resting: boolean
  }[] = []

  open(stream: string, variant: string, receiver: Receiver) {
    const connection = { stream, variant, receiver, closed: false, resting: false }
    this.opened.push(connection)
    return {
      close: () => {
        connection.closed = true
      },
      rest: () => {
        connection.resting = true
      },
      wake: () => {
        connection.resting = false
      },
    }
  }

  /** Connections that are open now. */
  get openCount(): number {
    return this.opened.filter(one => !one.closed).length
  }

  send(...chunks: Uint8Array[]): void {
    for (const chunk of chunks) this.opened.at(-1)!.receiver.data(chunk)
  }
}

/** A viewer that takes what it is given, or nothing while it is stalled. */
export class ManualSink implements Sink {
  readonly chunks: Uint8Array[] = []
  /** The very objects that it was given. */
  readonly given: Uint8Array[] = []
  ended: EndCause | undefined
  stalled = false
  #waiting: (() => void)[] = []

  get queued(): number {
    return this.#waiting.length
  }

  write(chunks: readonly Uint8Array[], done: () => void): boolean {
    this.given.push(...chunks)
    this.chunks.push(...chunks)
    if (this.stalled) this.#waiting.push(done)
    return !this.stalled
  }

  writeOne(chunk: Uint8Array, behind: Uint8Array | undefined, done: () => void): boolean {
    for (const bytes of behind ? [chunk, behind] : [chunk]) {
      this.given.push(bytes)
      this.chunks.push(this.stalled ? bytes : Buffer.from(bytes))
    }
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
      ...options,
    },
    { info: log, warn: log },
  )
  t.teardown(() => live.close())
  watchBudget(t, live.budget)
  return { live, logged }
}
