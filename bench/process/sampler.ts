import { percentile } from '../load/summary.ts'
import { forgetPeak, type Reading, readProcess } from './proc.ts'

const EVERY_MS = 250

/** Watches the memory and CPU of a process until `stop`; one at a time for a process. */
export class Sampler {
  readonly #pid: number
  readonly #readings: Reading[] = []
  readonly #startedAt = performance.now()
  readonly #timer: NodeJS.Timeout

  /** With `fromStart` the peak of RSS counts from the start of the process. */
  constructor(pid: number, { fromStart = false } = {}) {
    this.#pid = pid
    if (!fromStart) forgetPeak(pid)
    this.#look()
    this.#timer = setInterval(() => this.#look(), EVERY_MS)
  }

  /** Megabytes, and the share of one core in percent. */
  stop() {
    clearInterval(this.#timer)
    this.#look()
    const of = (pick: (reading: Reading) => number) => this.#readings.map(pick)
    const spread = (values: number[]) => ({
      median: Math.round(percentile(values, 0.5) ?? 0),
      max: Math.round(percentile(values, 1) ?? 0),
    })
    const container = this.#readings.flatMap(({ containerMb }) => containerMb ?? [])
    const cpu = of(({ cpuSeconds }) => cpuSeconds)
    const seconds = (performance.now() - this.#startedAt) / 1000
    return {
      unreclaimableMb: spread(of(({ unreclaimableMb }) => unreclaimableMb)),
      rssMb: spread(of(({ rssMb }) => rssMb)),
      peakMb: Math.round(Math.max(...of(({ peakMb }) => peakMb)) * 10) / 10,
      anonMb: spread(of(({ anonMb }) => anonMb)),
      swapMb: spread(of(({ swapMb }) => swapMb)),
      ...(container.length > 0 ? { containerMb: spread(container) } : {}),
      cpuPercent: Math.round((((cpu.at(-1) ?? 0) - (cpu[0] ?? 0)) / seconds) * 100),
    }
  }

  /** A process that is gone has no more to show. */
  #look(): void {
    try {
      this.#readings.push(readProcess(this.#pid))
    } catch {
      clearInterval(this.#timer)
    }
  }
}
