import { later } from '../../ledger/timers.ts'
import type { SqliteConnection } from './connection.ts'
import { Turnstile } from './turnstile.ts'

export interface PoolOptions {
  readonly connections: number
  /** The longest wait for a connection, in milliseconds; then `DATABASE_BUSY`. */
  readonly waitMs: number
  readonly maxWaiting: number
  /** A connection that nobody has used for so long is closed. */
  readonly idleMs: number
  open(): SqliteConnection
}

/** A bounded pool of read-only connections, opened when needed and closed when idle. */
export class Pool {
  readonly #options: PoolOptions
  readonly #turnstile: Turnstile
  /** Least recently used first; `since` by the monotonic clock. */
  readonly #idle: { connection: SqliteConnection; since: number }[] = []
  #closed = false
  #idleTimer: NodeJS.Timeout | undefined

  constructor(options: PoolOptions) {
    this.#options = options
    this.#turnstile = new Turnstile({
      places: options.connections,
      waitMs: options.waitMs,
      maxWaiting: options.maxWaiting,
    })
  }

  get counters() {
    const { inside, waited, timedOut } = this.#turnstile
    return { open: inside + this.#idle.length, inUse: inside, waited, timedOut }
  }

  async acquire(): Promise<SqliteConnection> {
    await this.#turnstile.enter()
    try {
      return this.#idle.pop()?.connection ?? this.#options.open()
    } catch (error) {
      this.#turnstile.leave()
      throw error
    }
  }

  release(connection: SqliteConnection): void {
    if (this.#closed) connection.close()
    else {
      this.#idle.push({ connection, since: performance.now() })
      this.#idleTimer ??= later(this.#options.idleMs, () => this.#closeExpired())
    }
    this.#turnstile.leave()
  }

  /** Closes what is idle now, however short; returns how many connections. */
  closeIdle(): number {
    const idle = this.#idle.splice(0)
    for (const { connection } of idle) connection.close()
    return idle.length
  }

  /** Closes what is idle now; what is in use closes when it comes back. */
  close(): void {
    this.#closed = true
    this.#turnstile.close()
    clearTimeout(this.#idleTimer)
    this.closeIdle()
  }

  #closeExpired(): void {
    this.#idleTimer = undefined
    const { idleMs } = this.#options
    const now = performance.now()
    while (this.#idle[0] && now - this.#idle[0].since >= idleMs) this.#idle.shift()!.connection.close()
    const next = this.#idle[0]
    this.#idleTimer = next && later(idleMs - (now - next.since) + 1, () => this.#closeExpired())
  }
}
