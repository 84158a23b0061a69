interface Window {
  requests: number
  /** By `performance.now()`: a clock that is set back makes no window longer. */
  readonly since: number
}

/** As many clients are counted; of more, whoever has asked for longest ago is forgotten. */
const CLIENTS = 2000

/** Counts the requests of each client in windows of time: a store for `@fastify/rate-limit`. */
export class RequestWindows {
  /** Least recently counted first. */
  readonly #windows = new Map<string, Window>()

  /** Counts one more request; `told` gets how many there were in this window, and the milliseconds that are left of it. */
  incr(
    key: string,
    told: (error: null, result: { current: number; ttl: number }) => void,
    windowMs: number,
  ): void {
    const now = performance.now()
    let window = this.#windows.get(key)
    if (!window || now - window.since >= windowMs) window = { requests: 0, since: now }
    window.requests++
    this.#windows.delete(key)
    this.#windows.set(key, window)
    if (this.#windows.size > CLIENTS) this.#windows.delete(this.#windows.keys().next().value!)
    told(null, { current: window.requests, ttl: windowMs - (now - window.since) })
  }

  /** A route with a limit of its own counts by itself. */
  child(): RequestWindows {
    return new RequestWindows()
  }
}
