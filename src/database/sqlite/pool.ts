import { later } from '../../ledger/timers.ts'
import type { SqliteConnection } from './connection.ts'

export interface PoolOptions {
  /** Waits until one more connection may be in use; resolves to what says that it is not any more. */
  enter(): Promise<() => void>
  /** A connection that nobody has used for so long is closed. */
  readonly idleMs: number
  open(): SqliteConnection
}

/** A connection that somebody uses until `release`. */
export interface Borrowed {
  readonly connection: SqliteConnection
  release(): void
}

/** A bounded pool of read-only connections, opened when needed and closed when idle. */
export class Pool {
  readonly #options: PoolOptions
  /** Least recently used first; `since` by the monotonic clock. */
  readonly #idle: { connection: SqliteConnection; since: number }[] = []
  #closed = false
  #idleTimer: NodeJS.Timeout | undefined

  constructor(options: PoolOptions) {
    this.#options = options
  }

  /** Connections that are open and that nobody uses. */
  get idle(): number {
    return this.#idle.length
  }

  async acquire(): Promise<Borrowed> {
    const leave = await this.#options.enter()
    try {
      const connection = this.#idle.pop()?.connection ?? this.#options.open()
      return { connection, release: () => this.#release(connection, leave) }
    } catch (error) {
      leave()
      throw error
    }
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
    clearTimeout(this.#idleTimer)
    this.closeIdle()
  }

  #release(connection: SqliteConnection, leave: () => void): void {
    if (this.#closed) connection.close()
    else {
      this.#idle.push({ connection, since: performance.now() })
      this.#idleTimer ??= later(this.#options.idleMs, () => this.#closeExpired())
    }
    leave()
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
