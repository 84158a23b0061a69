/** Requests that wait for something to come about, all looked at after each change. */
export class Waiting {
  readonly #waiters = new Set<{ readonly isDone: () => boolean; readonly resolve: () => void }>()

  get size(): number {
    return this.#waiters.size
  }

  /** Resolves when `isDone`, at the next `releaseAll`, or on abort; `false` if it took longer than `ms`. */
  async until(isDone: () => boolean, ms: number, signal?: AbortSignal): Promise<boolean> {
    if (isDone() || signal?.aborted) return true
    const { promise, resolve } = Promise.withResolvers<boolean>()
    const waiter = { isDone, resolve: () => resolve(true) }
    const timer = setTimeout(() => resolve(false), ms)
    this.#waiters.add(waiter)
    signal?.addEventListener('abort', waiter.resolve)
    try {
      return await promise
    } finally {
      clearTimeout(timer)
      this.#waiters.delete(waiter)
      signal?.removeEventListener('abort', waiter.resolve)
    }
  }

  wake(): void {
    for (const waiter of this.#waiters) if (waiter.isDone()) waiter.resolve()
  }

  releaseAll(): void {
    for (const waiter of this.#waiters) waiter.resolve()
  }
}
