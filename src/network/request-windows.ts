import { LRUCache } from 'lru-cache'
import { heapBytes } from '../memory/heap-bytes.ts'

interface Window {
  requests: number
  /** By `performance.now()`: a clock that is set back makes no window longer. */
  readonly since: number
}

/** About 2,000 clients are counted; of more, whoever asked longest ago is forgotten. */
const BYTES = 600 * 1024

/** Counts the requests of each client in windows of time: a store for `@fastify/rate-limit`. */
export class RequestWindows {
  readonly #windows = new LRUCache<string, Window>({
    maxSize: BYTES,
    sizeCalculation: (_, key) => heapBytes(`${key}`),
  })

  /** Counts one more request; `told` gets how many there were in this window, and the milliseconds that are left of it. */
  incr(
    key: string,
    told: (error: null, result: { current: number; ttl: number }) => void,
    windowMs: number,
  ): void {
    const now = performance.now()
    let window = this.#windows.get(key)
    if (!window || now - window.since >= windowMs) {
      window = { requests: 0, since: now }
      this.#windows.set(key, window)
    }
    window.requests++
    told(null, { current: window.requests, ttl: windowMs - (now - window.since) })
  }

  /** A route with a limit of its own counts by itself. */
  child(): RequestWindows {
    return new RequestWindows()
  }
}
