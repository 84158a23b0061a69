import { type EventLoopUtilization, monitorEventLoopDelay, performance } from 'node:perf_hooks'

export interface EventLoopReading {
  /** How late timers were, in milliseconds. */
  readonly meanMs: number
  readonly p99Ms: number
  readonly maxMs: number
  /** The share of time in which the loop was busy, 0 to 1. */
  readonly utilization: number
}

/** Ten looks a second: enough to see what a viewer would feel, and no load that could be measured. */
const RESOLUTION_MS = 100

/** How late and how busy the event loop is, since the last look at it. */
export class EventLoop {
  readonly #delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  #before: EventLoopUtilization = performance.eventLoopUtilization()
  #last: EventLoopReading = { meanMs: 0, p99Ms: 0, maxMs: 0, utilization: 0 }

  constructor() {
    this.#delay.enable()
  }

  /** The last period that was read. */
  get last(): EventLoopReading {
    return this.#last
  }

  /** Ends a period and begins the next. */
  read(): EventLoopReading {
    const now = performance.eventLoopUtilization()
    const { utilization } = performance.eventLoopUtilization(now, this.#before)
    this.#before = now
    const late = (nanoseconds: number) =>
      this.#delay.count === 0 ? 0 : Math.max(0, nanoseconds / 1e6 - RESOLUTION_MS)
    this.#last = {
      meanMs: late(this.#delay.mean),
      p99Ms: late(this.#delay.percentile(99)),
      maxMs: late(this.#delay.max),
      utilization,
    }
    this.#delay.reset()
    return this.#last
  }

  close(): void {
    this.#delay.disable()
  }
}
