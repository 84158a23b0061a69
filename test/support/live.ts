import type { Test } from 'tap'
import type { LiveSource, Receiver } from '../../src/live/camera-connection.ts'
import type { FanOut } from '../../src/live/fan-out.ts'
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
      fd: -1,
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

/** By outlet. */
const sinks: ManualSink[] = []

/** Reaches `ManualSink`s. Who is stalled takes half of what comes first, as a connection does. */
export const manualFanOut: FanOut = {
  open: () => -1,
  close: () => {},
  send(bytes, payload, stamps, stampCount, outlets, shifts, from, to, taken) {
    const view = new DataView(bytes.buffer, bytes.byteOffset)
    const tracks = shifts.length / outlets.length
    for (let seat = from; seat < to; seat++) {
      for (const [place, time, track] of triples(stamps.subarray(0, 3 * stampCount)))
        view.setBigUint64(place, BigInt(time - shifts[seat * tracks + track]!))
      const length = bytes.length + (payload?.length ?? 0)
      taken[0] = sinks[outlets[seat]!]!.takeWhole(bytes, payload)
      if (taken[0] < length) return seat
    }
    return to
  },
}

function* triples(numbers: Float64Array): Generator<[place: number, time: number, track: number]> {
  for (let i = 0; i < numbers.length; i += 3) yield [numbers[i]!, numbers[i + 1]!, numbers[i + 2]!]
}

let fanOut: FanOut | undefined

/** From here on streams send by that. */
export function sendBy(other: FanOut): void {
  fanOut = other
}

/** A viewer that takes what it is given, or nothing while it is stalled. */
export class ManualSink implements Sink {
  readonly chunks: Uint8Array[] = []
  /** The very objects that it was given. */
  readonly given: Uint8Array[] = []
  ended: EndCause | undefined
  stalled = false
  readonly outlet = sinks.push(this) - 1
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

  /** How many of the bytes, and of what goes behind them, have been taken. */
  takeWhole(bytes: Uint8Array, behind: Uint8Array | undefined): number {
    if (this.#waiting.length > 0) throw new Error('sent past what waits')
    this.given.push(bytes)
    if (behind) this.given.push(behind)
    const whole = Buffer.concat(behind ? [bytes, behind] : [bytes])
    const taken = this.stalled ? Math.floor(whole.length / 2) : whole.length
    this.chunks.push(whole.subarray(0, taken))
    return taken
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
      maxViewers: 1100,
      lingerMs: 30_000,
      holdMs: 90_000,
      stalledMs: 15_000,
      silentMs: 10_000,
      retryMs: 5,
      fanOut,
      ...options,
    },
    { info: log, warn: log },
  )
  t.teardown(() => live.close())
  watchBudget(t, live.budget)
  return { live, logged }
}
