import { percentile } from '../load/summary.ts'
import { type Reading, readProcess } from './proc.ts'

const EVERY_MS = 250

/** Watches the memory and CPU of a process until `stop`. */
export class Sampler {
  readonly #readings: Reading[] = []
  readonly #startedAt = performance.now()
  readonly #timer: NodeJS.Timeout

  constructor(pid: number) {
    this.#readings.push(readProcess(pid))
    this.#timer = setInterval(() => {
      try {
        this.#readings.push(readProcess(pid))
      } catch {
        clearInterval(this.#timer)
      }
    }, EVERY_MS)
  }

  /** Megabytes, and the share of one core in percent. */
  stop() {
    clearInterval(this.#timer)
    const of = (pick: (reading: Reading) => number) => this.#readings.map(pick)
    const spread = (values: number[]) => ({
      median: Math.round(percentile(values, 0.5) ?? 0),
      max: Math.round(percentile(values, 1) ?? 0),
    })
    const cpu = of(({ cpuSeconds }) => cpuSeconds)
    const seconds = (performance.now() - this.#startedAt) / 1000
    return {
      rssMb: spread(of(({ rssMb }) => rssMb)),
      anonMb: spread(of(({ anonMb }) => anonMb)),
      swapMb: spread(of(({ swapMb }) => swapMb)),
      cpuPercent: Math.round((((cpu.at(-1) ?? 0) - (cpu[0] ?? 0)) / seconds) * 100),
    }
  }
}
