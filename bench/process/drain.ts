import { setTimeout as sleep } from 'node:timers/promises'
import { Child } from './child.ts'
import { native } from './native.ts'

export interface DrainOptions {
  /** Shared out among the viewers, one after another. */
  readonly urls: readonly string[]
  readonly viewers: number
  /** Seconds within which they join, evenly. */
  readonly ramp?: number
  /** How many stop reading once all have a picture. */
  readonly stalled?: number
  /** Read every byte, for latencies and missing fragments; else they are thrown away in the kernel. */
  readonly marks?: boolean
}

export interface Percentiles {
  readonly p50: number
  readonly p95: number
  readonly p99: number
  readonly max: number
}

/** What a crowd has got so far, without those that are stalled. */
export interface Drained {
  /** Seconds of the machine's monotonic clock. */
  readonly at: number
  readonly bytes: number
  readonly open: number
  readonly started: number
  readonly fragments: number
  readonly missed: number
  /** Of the fragments since the look before. */
  readonly latencyMs: Percentiles
  readonly pictureMs: Percentiles
  readonly soundMs: Percentiles
  readonly firstFrameMs: Percentiles
}

/** Whoever has no picture after so long is not served. */
const PATIENCE_MS = 30_000

/** `bench/drain.c` in a process of its own. */
export function runDrain({ urls, viewers, ramp = 0.2, stalled = 0, marks = false }: DrainOptions) {
  const options = ['-n', viewers, '-r', ramp, '-s', stalled].map(String)
  const child = new Child(native('drain'), [...options, ...(marks ? ['-m'] : []), ...urls])
  return {
    pid: child.pid,
    /** Resolves when each has a picture's worth, or is over; rejects when that takes too long. */
    playing: async (patienceMs = PATIENCE_MS): Promise<void> => {
      const waited = Symbol()
      const playing = child.line(/^playing$/)
      const first = await Promise.race([playing, sleep(patienceMs, waited, { ref: false })])
      if (first !== waited) return
      playing.catch(() => {})
      throw new Error(`some of ${viewers} viewers have no picture after ${patienceMs / 1000} s`)
    },
    look: async (): Promise<Drained> => {
      child.say('look')
      return JSON.parse((await child.line(/^\{.*/))[0]) as Drained
    },
    stop: () => child.stop(),
  }
}
