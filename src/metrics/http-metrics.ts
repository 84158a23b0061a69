import type { Metric, Reading } from './exposition.ts'
import { Histogram } from './histogram.ts'

const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/** Requests by route pattern and class of status: as many series as there are routes, whatever is asked for. */
export class HttpMetrics {
  readonly #requests = new Map<string, { method: string; route: string; status: string; count: number }>()
  readonly #durations = new Histogram(SECONDS)

  /** `route` is the pattern, `undefined` where none matched. */
  count(method: string, route: string | undefined, status: number, seconds: number): void {
    const labels = {
      method: route === undefined ? 'other' : method,
      route: route ?? 'none',
      status: `${Math.floor(status / 100)}xx`,
    }
    const key = `${labels.method} ${labels.route} ${labels.status}`
    const entry = this.#requests.get(key)
    if (entry) entry.count++
    else this.#requests.set(key, { ...labels, count: 1 })
    this.#durations.observe(seconds)
  }

  *metrics(): Generator<Metric> {
    yield {
      name: 'camgate_http_requests_total',
      help: 'Finished requests',
      type: 'counter',
      readings: this.#readings(),
    }
    yield {
      name: 'camgate_http_request_duration_seconds',
      help: 'Time from request to the end of its reply, streams included',
      type: 'histogram',
      readings: this.#durations.readings(),
    }
  }

  *#readings(): Generator<Reading> {
    for (const { count, ...labels } of this.#requests.values()) yield { labels, value: count }
  }
}
