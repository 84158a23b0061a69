interface Stoppable {
  stop(): Promise<unknown>
}

/** What was started for a measurement: `await using` ends it with the block, the last first. */
export class Opened {
  readonly #stack = new AsyncDisposableStack()

  /** What comes up when the others have ended already is ended at once. */
  async add<Started extends Stoppable>(starting: Started | Promise<Started>): Promise<Started> {
    const started = await starting
    if (this.#stack.disposed) await started.stop()
    else this.#stack.defer(async () => void (await started.stop()))
    return started
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stack.disposeAsync()
  }
}
